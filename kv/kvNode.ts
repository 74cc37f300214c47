/** A member of a key/value cluster as a whole: a node with the service on it, and a Redis front with a clerk of its own. */
import type { NodeId } from '../machines/configuration.ts';
import { realClock } from '../runtime/clock/realClock.ts';
import { createNode, type NodeConfig, type RunningNode } from '../runtime/createNode.ts';
import { InvalidArgument } from '../runtime/errors.ts';
import { inspectionFailed, plainInspection } from '../runtime/observation/plainInspection.ts';
import { realScheduling } from '../runtime/scheduling.ts';
import type { PeerAddress } from '../runtime/transport/address.ts';
import type { WarningAbout } from '../runtime/transport/warnings.ts';
import { KvService } from './kvService.ts';
import { confirmLeaderMsMax, redisDeadlineMs, snapshotLogBytes } from './limits.ts';
import { isWrite, KvError, type Operation, OperationCode } from './operation.ts';
import type { ClusterMember, FrontBackend, Session } from './redis/backend.ts';
import { type RedisFront, startRedisFront } from './redis/front.ts';
import type { FrontLimits } from './redis/limits.ts';
import type { ClientWarning } from './redis/log.ts';
import { RequestCarrier } from './requestCarrier.ts';
import { SnapshotPace } from './snapshotPace.ts';
import { answerFrom, encodeItems, kvService } from './wire.ts';

/** Asked of the leader alone. */
const anyRead: Operation = { code: OperationCode.exists, args: [new Uint8Array(0)] };

export interface KvNodeConfig extends Omit<NodeConfig, 'service' | 'onWarning'> {
  /** Where Redis clients are served; port 0: any that is free. */
  readonly redis: PeerAddress;
  /** Where clients reach each member, this node included: what CLUSTER tells them. Unless given, it tells nothing. */
  readonly redisMembers?: Readonly<Record<NodeId, PeerAddress>>;
  /** The changes of keys that subscribers are told of, as Redis writes them (`KEA`); unless given, none. */
  readonly keyspaceEvents?: string;
  /** Bounds of the clients' side; those not given are the defaults. */
  readonly redisLimits?: Partial<FrontLimits>;
  /** Gets one line for each thing that an operator should know of, and what it is about: a peer, or a client. */
  readonly onWarning?: (message: string, about?: WarningAbout | ClientWarning) => void;
  /** A snapshot is taken when the log's entries exceed this many bytes. */
  readonly snapshotLogBytes?: number;
  /** A session that no command has used for so long ends, ms; 1 hour unless given. */
  readonly sessionIdleMsMax?: number;
}

export interface KvNode extends RunningNode {
  /** The port that Redis clients are served on. */
  readonly redisPort: number;
  /** Its clients' side, to be looked at. */
  readonly front: Pick<RedisFront, 'connections' | 'commandTotal'>;
}

/** @throws InvalidArgument, and what createNode and startRedisFront throw */
export async function startKvNode(config: KvNodeConfig): Promise<KvNode> {
  const { id, members, clusterId, redis, redisLimits, keyspaceEvents, onWarning } = config;
  const redisMembers = clusterMembers(config);
  const state: { service?: KvService } = {};
  const running = await createNode({
    ...config,
    service: (storage) => {
      state.service = new KvService({
        ...{ nodeId: id, storage },
        maxLogBytes: config.snapshotLogBytes ?? snapshotLogBytes,
        timeOfDay: Date.now,
        snapshotPace: new SnapshotPace(() => performance.now()),
        ...(config.sessionIdleMsMax !== undefined && { sessionIdleMsMax: config.sessionIdleMsMax }),
      });
      return state.service;
    },
  });
  const { node, askService } = running;
  const names = Object.keys(members);
  const carrier = new RequestCarrier({
    ...{ servers: names.length, first: names.indexOf(id), nearest: names.indexOf(id), isPatient: false },
    placeOf: new Map(names.map((name, place) => [name, place])),
    send: (server, items, done) => {
      const name = names[server] ?? id;
      // What is asked of the own node is neither encoded nor copied.
      if (name === id) state.service?.ask(items, done);
      else askService(name, kvService, encodeItems(items), (body) => done(answerFrom(body)));
    },
    ...{ clock: realClock, scheduling: realScheduling },
    ...(config.inspect && {
      inspect: plainInspection(config.inspect, (error) => onWarning?.(inspectionFailed(error))),
    }),
  });
  node.events.on('leaderChanged', ({ leader }) => {
    if (leader !== null) carrier.heardLeader(leader);
  });

  const ownSession = carrier.openSession();
  const backend: FrontBackend = {
    openSession: () => frontSession(carrier),
    status: () => ({
      ...node.status(),
      leaseReads: node.actor.system.get('raft')?.getSnapshot().context.options.leaseReads === true,
      ...{ nodeId: id, clusterId, keys: state.service?.keys ?? 0 },
      keysExpiring: state.service?.keysExpiring ?? 0,
      peers: names.filter((name) => name !== id).map((name) => ({ id: name })),
      members: redisMembers,
    }),
    confirmLeader: () =>
      new Promise((resolve) => {
        const deadline = realClock.now() + confirmLeaderMsMax;
        carrier.submit(ownSession, [anyRead], 'leaderRead', deadline, ([reply]) => {
          resolve(reply instanceof KvError ? null : (names[carrier.asked] ?? null));
        });
      }),
    keyNames: () => state.service?.keyNames() ?? [],
    listen: (audience) => state.service?.listen(audience),
  };

  let front: RedisFront;
  try {
    front = await startRedisFront({
      ...{ host: redis.host, port: redis.port, backend },
      ...(redisLimits && { limits: redisLimits }),
      ...(keyspaceEvents !== undefined && { keyspaceEvents }),
      ...(onWarning && { onWarning }),
    });
  } catch (error) {
    carrier.close();
    await running.stop();
    throw error;
  }
  return {
    ...running,
    redisPort: front.port,
    front,
    async stop() {
      await front.close();
      carrier.close();
      await running.stop();
    },
  };
}

/** @throws InvalidArgument if the clients' addresses are not those of the members */
function clusterMembers({ members, redisMembers }: KvNodeConfig): readonly ClusterMember[] | undefined {
  if (!redisMembers) return undefined;
  const stranger = Object.keys(redisMembers).find((name) => !(name in members));
  if (stranger !== undefined) {
    const names = Object.keys(members).join(', ');
    throw new InvalidArgument(`redisMembers names ${stranger}, which is no member (${names}): correct it.`);
  }
  return Object.entries(members).map(([id, { port: peerPort }]) => {
    const address = redisMembers[id];
    if (!address) {
      throw new InvalidArgument(`redisMembers lacks the member ${id}: say where clients reach it, too.`);
    }
    return { id, host: address.host, port: address.port, peerPort };
  });
}

/** One connection's session of the node's clerk. */
function frontSession(carrier: RequestCarrier): Session {
  const session = carrier.openSession();
  return {
    submit(operations: readonly Operation[], done) {
      const [first] = operations;
      const deadline = realClock.now() + redisDeadlineMs;
      const kind = first !== undefined && isWrite(first.code) ? 'write' : 'read';
      carrier.submit(session, operations, kind, deadline, done);
    },
    close: () => carrier.closeSession(session),
  };
}
