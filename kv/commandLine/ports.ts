/** Which ports a cluster on this machine gets. */
import { createServer } from 'node:net';
import { CommandFailed } from './commandFailed.ts';
import { type DevNode, nodesFrom, peerAddressOf, redisAddressOf } from './devCluster.ts';

/**
 * Where the Redis ports of a cluster may begin, the first free one is taken. They lie below those that the system gives
 * to outgoing connections, so that they are still free at the next start.
 */
const bases = Array.from({ length: 10 }, (_, tens) => 7001 + tens * 10);

/** @throws CommandFailed */
export async function chooseNodes(count: number): Promise<DevNode[]> {
  for (const base of bases) {
    const nodes = nodesFrom(base, count);
    if ((await takenPortAmong(nodes)) === undefined) return nodes;
  }
  throw new CommandFailed(
    `The usual ports, ${bases[0]} and up, are in use: choose others with --port BASE, such as --port 8001.`,
  );
}

/**
 * @param remedy what to do if a port is taken
 * @throws CommandFailed
 */
export async function requireFreePorts(nodes: readonly DevNode[], remedy: string): Promise<void> {
  const taken = await takenPortAmong(nodes);
  if (taken !== undefined) throw new CommandFailed(`Port ${taken.port}, ${taken.use}, is in use: ${remedy}.`);
}

/** Undefined if all are free at this moment. */
async function takenPortAmong(nodes: readonly DevNode[]): Promise<{ port: number; use: string } | undefined> {
  for (const node of nodes) {
    const { id, redisPort, peerPort } = node;
    if (!(await isFree(redisAddressOf(node)))) return { port: redisPort, use: `the Redis port of ${id}` };
    if (!(await isFree(peerAddressOf(node)))) return { port: peerPort, use: `the peer port of ${id}` };
  }
  return undefined;
}

function isFree(address: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else
        reject(
          new CommandFailed(
            `Port ${address.port} cannot be used: ${error.message}. Choose with --port BASE.`,
          ),
        );
    });
    server.listen(address, () => server.close(() => resolve(true)));
  });
}
