/**
 * A cluster with an inspector: every actor of three nodes tells @statelyai/inspect of itself, of the events that it gets
 * and of the states that it comes to be in.
 *
 *     npm run example:inspect
 *
 * What arrives is counted here, and stays on this machine. The page that it names draws it as charts and sequence
 * diagrams; that page's inspector comes from stately.ai.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createWebSocketInspector } from '@statelyai/inspect';
import { WebSocketServer } from 'ws';
import { startKvNode } from 'xstate-raft';

/** Stately's inspector in a frame, which is handed what arrives on the socket, from the beginning. */
const page = `<!doctype html><title>xstate-raft</title>
<style>html, body, iframe { margin: 0; border: 0; width: 100%; height: 100% }</style>
<iframe src="https://stately.ai/inspect"></iframe>
<script>
  const { contentWindow } = document.querySelector('iframe');
  addEventListener('message', ({ data }) => {
    if (data?.type !== '@statelyai.connected') return;
    new WebSocket('ws://' + location.host).onmessage = ({ data }) =>
      contentWindow.postMessage(JSON.parse(data), '*');
  });
</script>`;

const host = '127.0.0.1';
const relay = createServer((_, response) => response.setHeader('content-type', 'text/html').end(page));
const sockets = new WebSocketServer({
  server: relay,
  // Of all pages that a browser may show, this one alone.
  verifyClient: ({ origin }: { origin?: string }) => !origin || origin === `http://${host}:${portOf()}`,
});
/** The first messages, which name the actors, and the latest. */
const kept: string[] = [];
const counts = new Map<string, number>();

sockets.on('connection', (socket) => {
  for (const message of kept) socket.send(message);
  socket.on('message', (data) => {
    const message = String(data);
    const { type } = JSON.parse(message) as { type: string };
    counts.set(type, (counts.get(type) ?? 0) + 1);
    kept.push(message);
    if (kept.length > 5000) kept.splice(1000, 1);
    for (const other of sockets.clients) if (other !== socket) other.send(message);
  });
});
await new Promise<void>((resolve) => relay.listen(0, host, resolve));
const port = portOf();

const inspector = createWebSocketInspector({ url: `ws://${host}:${port}` });
// What happens before it is connected, it would keep two hundred messages of.
await new Promise((resolve) => sockets.once('connection', resolve));

const data = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
const members = Object.fromEntries(
  await Promise.all(['n1', 'n2', 'n3'].map(async (id) => [id, { host, port: await freePort() }] as const)),
);
const nodes = await Promise.all(
  Object.keys(members).map((id) =>
    startKvNode({
      ...{ clusterId: 'inspected', id, members, data: path.join(data, id), redis: { host, port: 0 } },
      inspect: inspector.inspect,
    }),
  ),
);

console.log(`Three nodes run; redis-cli -p ${nodes[0]?.redisPort} gives them something to do.`);
console.log(`Open http://${host}:${port} to watch. Ctrl-C ends it.`);
const counting = setInterval(() => {
  console.log([...counts].map(([type, count]) => `${count} ${type}`).join(', '));
}, 2000);

await new Promise((resolve) => process.once('SIGINT', resolve));
clearInterval(counting);
await Promise.all(nodes.map((node) => node.stop()));
inspector.stop();
sockets.close();
relay.close();
relay.closeAllConnections();
await rm(data, { recursive: true });

function portOf(): number {
  return (relay.address() as AddressInfo).port; // not a path, as it listens on a host and a port
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port: free } = server.address() as AddressInfo; // likewise
  await new Promise((resolve) => server.close(resolve));
  return free;
}
