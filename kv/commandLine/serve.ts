/** `xstate-raft serve`: one node, until it is told to stop or its storage fails. */
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeId } from '../../machines/configuration.ts';
import type { Role } from '../../runtime/events.ts';
import { formatAddress } from '../../runtime/transport/address.ts';
import { type KvNode, startKvNode } from '../kvNode.ts';
import { CommandFailed } from './commandFailed.ts';
import { settleEngine } from './engineSettings.ts';
import { requireLoopback } from './loopback.ts';
import type { Reporter } from './nodeReport.ts';
import { openViews } from './nodeViews.ts';
import { jsonReporter, parentReporter, textReporter } from './reporters.ts';
import type { ServeOptions } from './serveOptions.ts';
import { aborted, type StopRequest, takeStopRequests } from './stopRequest.ts';

const bytesOfMiB = 1024 * 1024;

/** A clean stop takes a fraction of it; a process that hangs is worse than one that ends uncleanly. */
const stopMsMax = 4000;

/**
 * Settles with the exit code.
 * @throws CommandFailed, and what startKvNode throws
 */
export async function serve(options: ServeOptions): Promise<number> {
  settleEngine();
  const stop = takeStopRequests();
  try {
    if (options.attached) endWithParent(stop);
    const report = makeReporter(options);
    const starting = start(options, report);
    const kv = await Promise.race([starting, aborted(stop.asked)]);
    // Its disk is as safe in the middle of a start as it is in a crash.
    if (!kv) return 0;
    const closeViews = await openViews(kv, options, report).catch(async (error) => {
      await kv.stop();
      throw error;
    });
    const failure = await Promise.race([kv.failure, aborted(stop.asked)]);
    await closeViews();
    if (failure) throw failure;
    return await stopNode(kv, stop, report);
  } finally {
    stop.release();
  }
}

async function start(options: ServeOptions, report: Reporter): Promise<KvNode> {
  const { id, peers, data, cluster: clusterId, redisPeers, notifyKeyspaceEvents: keyspaceEvents } = options;
  const { redis, listen } = await addressesOf(options);
  const kv = await startKvNode({
    ...{ clusterId, id, data, redis, raft: { leaseReads: options.leaseReads } },
    redisLimits: {
      ...{ connectionsMax: options.maxClients, idleMsMax: options.clientTimeout * 1000 },
      bulkBytesMax: options.maxValue * bytesOfMiB,
    },
    snapshotLogBytes: options.snapshotLog * bytesOfMiB,
    members: { ...peers, [id]: listen },
    ...(keyspaceEvents !== undefined && { keyspaceEvents }),
    ...(redisPeers && { redisMembers: redisPeers }),
    onWarning: (message, about) => report({ type: 'warning', id, message, ...(about && { about }) }),
  });
  report({
    ...({ type: 'ready', id, data } as const),
    ...{ redis: { host: redis.host, port: kv.redisPort }, listen: kv.address },
  });
  reportChanges(kv, report);
  return kv;
}

/** Where it listens. */
async function addressesOf({ id, peers, redisPeers, sources = {}, ...options }: ServeOptions) {
  const sourceOf = { id: '--id', peers: '--peers', redis: '--redis', listen: '--listen', ...sources };
  const own = peers[id];
  if (!own) {
    throw new CommandFailed(
      `${sourceOf.id} ${id} is not among ${sourceOf.peers} (${Object.keys(peers).join(', ')}): add its address there, or correct the id.`,
    );
  }
  if (redisPeers) requireSameNodes(peers, redisPeers, sources.redisPeers ?? '--redis-peers');
  const redis = await requireLoopback(`${sourceOf.redis} `, options.redis);
  const listen = await requireLoopback(
    options.listen ? `${sourceOf.listen} ` : `${sourceOf.peers} ${id}=`,
    options.listen ?? own,
  );
  if (redis.port !== 0 && formatAddress(redis) === formatAddress(listen)) {
    throw new CommandFailed(
      `${sourceOf.redis} ${formatAddress(redis)} is where ${id} listens for its peers: give its Redis clients another port.`,
    );
  }
  return { redis, listen };
}

function requireSameNodes(peers: object, redisPeers: object, source: string): void {
  const missing = Object.keys(peers).find((id) => !(id in redisPeers));
  if (missing !== undefined) {
    throw new CommandFailed(
      `${source} lacks ${missing}, which is among --peers: add where clients reach it.`,
    );
  }
  const stranger = Object.keys(redisPeers).find((id) => !(id in peers));
  if (stranger !== undefined) {
    throw new CommandFailed(`${source} has ${stranger}, which is not among --peers: correct one of them.`);
  }
}

async function stopNode(kv: KvNode, stop: StopRequest, report: Reporter): Promise<number> {
  const { id } = kv.node.status();
  const tooLate = Promise.race([delay(stopMsMax), aborted(stop.insisted)]).then(() => false);
  const isClean = await Promise.race([kv.stop().then(() => true), tooLate]);
  if (isClean) {
    report({ type: 'stopped', id });
    return 0;
  }
  process.stderr.write(`${id} did not stop in time and was ended; what it acknowledged is on its disk.\n`);
  return 1;
}

function makeReporter({ attached, log }: ServeOptions): Reporter {
  if (attached) return parentReporter();
  const format = log ?? (process.stdout.isTTY ? 'text' : 'json');
  return format === 'json' ? jsonReporter() : textReporter(process.stdout);
}

/** Its role and its leader, from what they are now on. */
function reportChanges({ node }: KvNode, report: Reporter): void {
  const { id, role, leader, term } = node.status();
  // A change from just before may still be on its way to those who listen.
  let last = { role: 'follower', term };
  const reportRole = (change: { readonly role: Role; readonly term: number }): void => {
    if (change.role === last.role && change.term === last.term) return;
    last = change;
    report({ type: 'roleChanged', id, ...change });
  };
  let follows: NodeId | null = null;
  const reportLeader = (change: { readonly leader: NodeId | null; readonly term: number }): void => {
    if (change.leader === follows) return;
    follows = change.leader;
    report({ type: 'leaderChanged', id, ...change });
  };
  if (role !== 'stopped') reportRole({ role, term });
  reportLeader({ leader, term });
  node.events.on('roleChanged', reportRole);
  node.events.on('leaderChanged', reportLeader);
}

/** The channel to the parent closes when the parent ends, also by kill -9. */
function endWithParent(stop: StopRequest): void {
  if (process.send === undefined) {
    throw new CommandFailed('--attached is for nodes that another process starts: leave it out.');
  }
  process.on('disconnect', () => stop.ask());
  if (!process.connected) stop.ask();
}
