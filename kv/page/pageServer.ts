/** Serves the live page of a cluster to browsers on this machine: its files, the frames, and the actions that it offers. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  ActionOutcome,
  ClusterAction,
  ClusterActionType,
} from '../../runtime/observation/clusterAction.ts';
import { formatAddress, type PeerAddress } from '../../runtime/transport/address.ts';
import { listenError } from '../../runtime/transport/listenErrors.ts';
import { readAction } from './clusterActionSchema.ts';
import type { FrameFeed } from './frameFeed.ts';
import { FrameStream } from './frameStream.ts';
import { PageFiles, pageFolder } from './pageFiles.ts';
import { RequestGuard } from './requestGuard.ts';

export interface PageServerOptions {
  /** A loopback address, as numbers; port 0: any that is free. */
  readonly address: PeerAddress;
  readonly clusterId: string;
  readonly feed: FrameFeed;
  /** What the page may ask for. */
  readonly actions: readonly ClusterActionType[];
  /** Carries out one of these. */
  readonly act: (action: ClusterAction) => Promise<ActionOutcome>;
  /** Where the files of the page are; those of the build unless given. */
  readonly folder?: string;
}

/** What the page asks for first. */
export interface PageHello {
  readonly clusterId: string;
  readonly actions: readonly ClusterActionType[];
  /** To be sent along with every action. */
  readonly token: string;
}

export interface PageServer {
  readonly url: string;
  /** Hangs up on all who look. Settles once the port is free. */
  close(): Promise<void>;
}

/** Bytes of an action. */
const bodyBytesMax = 2 * 1024 * 1024;

/** A page has a handful; one more is turned away. */
const connectionsMax = 200;

/** An action has to arrive in this time, ms. */
const requestMsMax = 10_000;

const headers = {
  // Nothing but what comes from here; a chart says of itself how high it is.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** @throws PortInUse, CannotListen */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { address, feed, clusterId, actions, act } = options;
  const files = await PageFiles.of(options.folder ?? pageFolder());
  const server = createServer({ requestTimeout: requestMsMax, keepAliveTimeout: requestMsMax });
  server.maxConnections = connectionsMax;
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, address); // all that listen() has to offer
  }
  const { port } = server.address() as AddressInfo; // not a path, as it listens on a host and a port
  const bound = { host: address.host, port };
  const guard = new RequestGuard(bound);

  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const refusal = guard.refusal(request);
    if (refusal !== undefined) refuse(response, 403, refusal);
    else void answer(request, response).catch((error: Error) => refuse(response, 500, error.message));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const [path = ''] = url.split('?', 1);
    const expected = path === '/api/actions' ? 'POST' : 'GET';
    if (method !== expected && !(method === 'HEAD' && expected === 'GET')) {
      response.setHeader('allow', expected);
      refuse(response, 405, `${path} takes ${expected}, not ${method}.`);
    } else if (path === '/api/hello') {
      sendJson(response, 200, { clusterId, actions, token: guard.token } satisfies PageHello);
    } else if (path === '/api/frames') {
      if (method === 'HEAD') response.end();
      else stream(response);
    } else if (path === '/api/actions') await carryOut(request, response);
    else await sendFile(response, path);
  }

  function stream(response: ServerResponse): void {
    const frames = new FrameStream(response, feed.past);
    const leave = feed.join((frame) => frames.send(frame));
    response.on('close', leave);
  }

  async function carryOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) {
      response.setHeader('connection', 'close');
      refuse(response, 413, `An action has at most ${bodyBytesMax} bytes.`);
      return;
    }
    const action = readAction(body);
    if (action instanceof Error) refuse(response, 400, action.message);
    else if (!actions.includes(action.type)) refuse(response, 403, `${action.type} is not offered here.`);
    else sendJson(response, 200, await act(action));
  }

  async function sendFile(response: ServerResponse, path: string): Promise<void> {
    if (files.isEmpty && path === '/') {
      refuse(response, 503, 'The page is not built: run "npm run build", then start again.');
      return;
    }
    const file = await files.read(path);
    if (!file) {
      refuse(response, 404, 'There is no such file.');
      return;
    }
    // Names of all files but the page's own come from their content.
    const caching = path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache';
    response.writeHead(200, { 'content-type': file.type, 'cache-control': caching });
    response.end(file.bytes);
  }

  return {
    url: `http://${formatAddress(bound)}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      feed.close();
      await closed;
    },
  };
}

/** Undefined: it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function sendJson(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(content));
}

/** In the form of an action's outcome. */
function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, status, { isDone: false, text } satisfies ActionOutcome);
}
