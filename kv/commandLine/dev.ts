/** `xstate-raft dev`: a cluster on this machine, a process for each node, until Ctrl-C. */
import { FrameFeed } from '../page/frameFeed.ts';
import { type PageServer, startPageServer } from '../page/pageServer.ts';
import { CommandFailed } from './commandFailed.ts';
import { devActions } from './devActions.ts';
import {
  clusterPathOf,
  type DevCluster,
  newCluster,
  nodesFrom,
  readCluster,
  refuseForgotten,
  writeCluster,
} from './devCluster.ts';
import { DevFleet } from './devFleet.ts';
import { DevPage } from './devPage.ts';
import { DevScreen } from './devScreen.ts';
import { chooseNodes, requireFreePorts } from './ports.ts';
import type { NodeSettings } from './startCommand.ts';
import { aborted, type StopRequest, takeStopRequests } from './stopRequest.ts';

export interface DevOptions extends NodeSettings {
  readonly data: string;
  /** 3 for a new cluster unless given. */
  readonly nodes?: number;
  /** The first Redis port. */
  readonly port?: number;
  /** Of the page; 0: none. Unless given, one that is free. */
  readonly page?: number;
}

const defaultNodes = 3;

/** From the first Redis port to the port of the page; peers are half way. */
const pageOffset = 200;
const portMax = 65_535;

/** A start takes less than this, even on a slow machine. */
const patienceMs = 10_000;

/**
 * Settles with the exit code.
 * @throws CommandFailed
 */
export async function dev(options: DevOptions): Promise<number> {
  const stop = takeStopRequests();
  try {
    const { data } = options;
    const screen = new DevScreen(process.stdout);
    const known = await readCluster(data);
    const cluster = known ? await knownCluster(known, options) : await madeCluster(options);
    screen.begin(cluster, data, known !== undefined);
    const fleet = new DevFleet(cluster, data, options, screen);
    return await run({ fleet, cluster, options, screen, stop });
  } finally {
    stop.release();
  }
}

interface Run {
  readonly fleet: DevFleet;
  readonly cluster: DevCluster;
  readonly options: DevOptions;
  readonly screen: DevScreen;
  readonly stop: StopRequest;
}

async function run({ fleet, cluster, options, screen, stop }: Run): Promise<number> {
  const { data } = options;
  const startedAt = performance.now();
  let page: PageServer | undefined;
  const impatience = setTimeout(() => screen.stillStarting(), patienceMs);
  stop.insisted.addEventListener('abort', () => fleet.kill());
  try {
    page = await servePage(fleet, cluster, options.page);
    const ready = fleet.ready(stop.asked).then(() => true);
    const isReady = await Promise.race([ready, aborted(stop.asked)]);
    clearTimeout(impatience);
    if (isReady) screen.ready(fleet.members, performance.now() - startedAt, page?.url);
    await Promise.race([aborted(stop.asked), fleet.allGone()]);
    if (!stop.asked.aborted) throw new CommandFailed(`No node of ${clusterPathOf(data)} is left.`);
    screen.stopping();
    await fleet.stop();
    screen.stopped(data, fleet.members);
    return stop.insisted.aborted ? 1 : 0;
  } finally {
    clearTimeout(impatience);
    // Also after an error: no node outlives this process.
    await Promise.all([fleet.stop(), page?.close()]);
  }
}

/**
 * The page lies above the ports of the cluster, so that it is found again, unless something else is there.
 * @param port as given; 0: no page
 * @throws CommandFailed, PortInUse, CannotListen
 */
async function servePage(
  fleet: DevFleet,
  { clusterId, nodes }: DevCluster,
  port: number | undefined,
): Promise<PageServer | undefined> {
  if (port === 0) return undefined;
  const own = nodes.find(({ redisPort, peerPort }) => port === redisPort || port === peerPort);
  if (own) throw new CommandFailed(`--page ${port} is a port of ${own.id}: choose another one, or off.`);
  const page = new DevPage(fleet);
  const serveAt = (at: number): Promise<PageServer> =>
    startPageServer({
      ...{ address: { host: '127.0.0.1', port: at }, clusterId, feed: new FrameFeed(page) },
      ...{ actions: devActions, act: (action) => page.act(action) },
    });
  if (port !== undefined) return serveAt(port);
  const usual = (nodes[0]?.redisPort ?? 0) + pageOffset;
  return serveAt(usual <= portMax ? usual : 0).catch(() => serveAt(0));
}

async function madeCluster({ data, nodes: count = defaultNodes, port }: DevOptions): Promise<DevCluster> {
  await refuseForgotten(data);
  const nodes = port === undefined ? await chooseNodes(count) : nodesFrom(port, count);
  await requireFreePorts(nodes, 'choose others with --port BASE');
  const cluster = newCluster(nodes);
  await writeCluster(data, cluster);
  return cluster;
}

/** The cluster as it was, unless it is to move to other ports. */
async function knownCluster(
  known: DevCluster,
  { data, nodes: count, port }: DevOptions,
): Promise<DevCluster> {
  const { length } = known.nodes;
  if (count !== undefined && count !== length) {
    throw new CommandFailed(
      `--nodes ${count}: the cluster in ${data} has ${length}, for good. Leave --nodes out, or choose another folder with --data.`,
    );
  }
  if (port === undefined) {
    await requireFreePorts(
      known.nodes,
      `stop what listens there (does this cluster run already?), or move the cluster with --port BASE`,
    );
    return known;
  }
  const moved = nodesFrom(port, length).map((node, place) => ({
    ...node,
    id: known.nodes[place]?.id ?? node.id,
  }));
  await requireFreePorts(moved, 'choose others with --port BASE');
  const cluster = { ...known, nodes: moved };
  await writeCluster(data, cluster);
  return cluster;
}
