/** Ports for the processes of a test. No port is known to be free until somebody listens on it. */
import { type AddressInfo, createServer, type Server } from 'node:net';

/** Settles once it listens on a port that the system has chosen, or on this one. */
export function listenOn(port = 0): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => resolve(server));
  });
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // not a path, as it listens on a host and a port
}

export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** A base for `dev --port`: at random, so that tests that run side by side do not meet. */
export async function freeBase(nodes = 3): Promise<number> {
  for (;;) {
    // Below the ports that the system gives to outgoing connections.
    const base = 10_000 + Math.floor(Math.random() * 20_000);
    const ports = Array.from({ length: nodes }, (_, place) => [base + place, base + 100 + place]).flat();
    const servers = await Promise.allSettled(ports.map((port) => listenOn(port)));
    await Promise.all(
      servers.flatMap((server) => (server.status === 'fulfilled' ? [close(server.value)] : [])),
    );
    if (servers.every(({ status }) => status === 'fulfilled')) return base;
  }
}
