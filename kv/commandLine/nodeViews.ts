/** How a node that runs can be looked at: by the process that has started it, and on a page of its own. */

import type { KvNode } from '../kvNode.ts';
import { FrameFeed } from '../page/frameFeed.ts';
import { actOnKeys, isKeyAction } from '../page/keyActions.ts';
import { NodePage } from '../page/nodePage.ts';
import { startPageServer } from '../page/pageServer.ts';
import { askNodes } from './askNodes.ts';
import { requireLoopback } from './loopback.ts';
import { takeOrders } from './nodeOrders.ts';
import type { Reporter } from './nodeReport.ts';
import type { ServeOptions } from './serveOptions.ts';

type ViewOptions = Pick<
  ServeOptions,
  'id' | 'page' | 'cluster' | 'redis' | 'redisPeers' | 'sources' | 'attached'
>;

/**
 * Settles with what ends it.
 * @throws CommandFailed, PortInUse, CannotListen
 */
export async function openViews(
  kv: KvNode,
  options: ViewOptions,
  report: Reporter,
): Promise<() => Promise<void>> {
  const { id, page, cluster: clusterId, redis, redisPeers, sources, attached } = options;
  const disobey = attached ? takeOrders(kv) : () => {};
  if (!page) return async () => disobey();
  const address = await requireLoopback(`${sources?.page ?? '--page'} `, page);
  const own = { host: redis.host, port: kv.redisPort };
  const server = await startPageServer({
    ...{ address, clusterId, feed: new FrameFeed(new NodePage(kv, clusterId, redisPeers)) },
    actions: ['get', 'keys'],
    act: async (action) =>
      isKeyAction(action)
        ? actOnKeys((command, isHarmless) => askNodes([own], command, isHarmless), action)
        : { isDone: false, text: `${action.type} is not offered here.` },
  });
  report({ type: 'pageServed', id, url: server.url });
  return async () => {
    disobey();
    await server.close();
  };
}
