/** The server of the live page: whom it answers, what it refuses, and that it lets go of the cluster when nobody looks. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { FrameFeed, type FrameSource } from '../../../kv/page/frameFeed.ts';
import { type PageServer, startPageServer } from '../../../kv/page/pageServer.ts';
import type { ClusterAction } from '../../../runtime/observation/clusterAction.ts';
import type { ClusterEvent, ClusterFrame } from '../../../runtime/observation/clusterFrame.ts';
import { eventually } from '../../eventually.ts';

const host = '127.0.0.1';

/** A cluster that only counts. */
class CountingSource implements FrameSource {
  isOpen = false;
  frames = 0;
  pending: ClusterEvent[] = [];

  open(): void {
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
  }

  frame(): ClusterFrame {
    this.frames += 1;
    const events = this.pending;
    this.pending = [];
    return { time: this.frames, nodes: [], messages: [], cuts: [], events, load: null };
  }
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: string;
}

describe('the server of the live page', () => {
  let folder: string;
  let server: PageServer;
  let source: CountingSource;
  let feed: FrameFeed;
  let done: ClusterAction[];
  let token: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    await mkdir(path.join(folder, 'page/assets'), { recursive: true });
    await writeFile(path.join(folder, 'page/index.html'), '<title>page</title>');
    await writeFile(path.join(folder, 'page/assets/index-1a.js'), 'export {};');
    await writeFile(path.join(folder, 'secret.txt'), 'secret');
    source = new CountingSource();
    feed = new FrameFeed(source);
    done = [];
    server = await startPageServer({
      ...{ address: { host, port: 0 }, clusterId: 'c1', feed, folder: path.join(folder, 'page') },
      actions: ['put', 'get'],
      act: async (action) => {
        done.push(action);
        return { isDone: true, text: 'done' };
      },
    });
    token = JSON.parse((await ask({ path: '/api/hello' })).body).token;
  });

  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const port = (): number => Number(new URL(server.url).port);

  /** As sent: no client in between that tidies up paths and headers. */
  const send = ({ method = 'GET', path: at = '/', headers = {}, body }: Asked): ClientRequest => {
    const all = { host: `${host}:${port()}`, ...headers };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    const asking = request({ host, port: port(), method, path: at, headers: given, agent: false });
    asking.end(body);
    return asking;
  };

  const ask = async (asked: Asked): Promise<{ status: number; body: string; response: IncomingMessage }> => {
    const [response] = (await once(send(asked), 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode ?? 0, body, response };
  };

  const act = (action: unknown, headers: Asked['headers'] = {}) =>
    ask({
      ...{ method: 'POST', path: '/api/actions' },
      body: typeof action === 'string' ? action : JSON.stringify(action),
      headers: { origin: server.url, 'x-page-token': token, ...headers },
    });

  it('serves the page with headers that keep others out', async () => {
    const { status, body, response } = await ask({});
    expect({ status, body }).to.deep.equal({ status: 200, body: '<title>page</title>' });
    expect(response.headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(response.headers['content-security-policy']).to.contain("default-src 'none'");
    expect(response.headers['x-content-type-options']).to.equal('nosniff');
    const asset = await ask({ path: '/assets/index-1a.js?v=1' });
    expect(asset.response.headers['cache-control']).to.contain('immutable');
    expect(asset.response.headers['content-type']).to.contain('text/javascript');
  });

  it('gives no file but those of the page', async () => {
    const paths = ['/../secret.txt', '/%2e%2e/secret.txt', '/assets/../../secret.txt', '/..\\secret.txt'];
    for (const at of [...paths, '/none.js', '/assets', '/__proto__', '//index.html']) {
      const { status, body } = await ask({ path: at });
      expect(status, at).to.equal(404);
      expect(body).not.to.contain('secret');
    }
  });

  it('says that the page is not built where it is not', async () => {
    const bare = await startPageServer({
      ...{ address: { host, port: 0 }, clusterId: 'c1', feed, folder: path.join(folder, 'none') },
      ...{ actions: [], act: async () => ({ isDone: true, text: '' }) },
    });
    const response = await fetch(bare.url);
    expect(response.status).to.equal(503);
    expect(await response.text()).to.contain('npm run build');
    await bare.close();
  });

  it('refuses names that are not its own: they may be resolved to this machine from anywhere', async () => {
    for (const name of ['evil.example', `evil.example:${port()}`, `${host}:1`, host]) {
      const { status, body } = await ask({ path: '/api/hello', headers: { host: name } });
      expect(status, JSON.stringify(name)).to.equal(403);
      expect(body).not.to.contain(token);
    }
    expect((await ask({ headers: { host: `localhost:${port()}` } })).status).to.equal(200);
    const socket = connect({ host, port: port() });
    socket.write('GET /api/hello HTTP/1.0\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(`${answer}`).to.contain('403 Forbidden').and.not.to.contain(token);
    socket.destroy();
  });

  it('refuses pages of others, whatever they ask', async () => {
    const foreign = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `http://${host}:1` },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    ];
    for (const headers of foreign) {
      for (const at of ['/', '/api/hello', '/api/frames']) {
        expect((await ask({ path: at, headers })).status, `${at} ${JSON.stringify(headers)}`).to.equal(403);
      }
      expect((await act({ type: 'get', key: 'k' }, headers)).status).to.equal(403);
    }
    // A link to the page may be followed.
    const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await ask({ headers: followed })).status).to.equal(200);
    expect(done).to.deep.equal([]);
    expect(source.isOpen).to.equal(false);
  });

  it('acts for its own page alone, with the token of this start', async () => {
    const { status, body } = await act({ type: 'put', key: 'k', value: 'v' });
    expect({ status, body: JSON.parse(body) }).to.deep.equal({
      ...{ status: 200, body: { isDone: true, text: 'done' } },
    });
    expect(done).to.deep.equal([{ type: 'put', key: 'k', value: 'v' }]);
    const strangers = [
      { origin: undefined },
      { 'x-page-token': undefined },
      { 'x-page-token': '' },
      { 'x-page-token': `${token}x` },
      { 'x-page-token': token.replace(/./, (first) => (first === 'a' ? 'b' : 'a')) },
    ];
    for (const headers of strangers) {
      expect((await act({ type: 'put', key: 'k', value: 'v' }, headers)).status).to.equal(403);
    }
    expect(done).to.have.length(1);
  });

  it('says what is wrong with an action, and does nothing', async () => {
    const wrong: [action: unknown, status: number, text: RegExp][] = [
      ['{', 400, /no JSON/],
      ['', 400, /no JSON/],
      ['null', 400, /wrong at its top/],
      [[], 400, /wrong/],
      [{ type: 'explode' }, 400, /wrong at type/],
      [{ type: 'put', key: 'k' }, 400, /wrong at value/],
      [{ type: 'get', key: 'k', more: 1 }, 400, /wrong at its top.*more/],
      [{ type: 'get', key: 7 }, 400, /wrong at key/],
      [{ type: 'crash', node: 'n1' }, 403, /crash is not offered here/],
      ['x'.repeat(3_000_000), 413, /at most \d+ bytes/],
    ];
    for (const [action, status, text] of wrong) {
      const answer = await act(action);
      expect(answer.status, `${text}`).to.equal(status);
      expect(JSON.parse(answer.body)).to.have.property('isDone', false);
      expect(JSON.parse(answer.body).text).to.match(text);
    }
    expect(done).to.deep.equal([]);
  });

  it('takes each path with its own method', async () => {
    for (const [method, at] of [
      ['POST', '/'],
      ['DELETE', '/api/hello'],
      ['PUT', '/api/actions'],
      ['POST', '/api/frames'],
    ] as const) {
      const headers = { origin: server.url, 'x-page-token': token };
      expect((await ask({ method, path: at, headers })).status, `${method} ${at}`).to.equal(405);
    }
    expect((await ask({ path: '/api/actions' })).response.headers.allow).to.equal('POST');
    expect((await ask({ method: 'HEAD', path: '/api/frames' })).body).to.equal('');
    expect(source.isOpen).to.equal(false);
  });

  it('lives on when strangers talk nonsense', async () => {
    for (const text of [
      '\0\0\0',
      'GET / HTTP/9\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'POST /api/actions HTTP/1.1\r\n',
    ]) {
      const socket = connect({ host, port: port() });
      socket.on('error', () => {});
      socket.resume().end(text);
      await once(socket, 'close');
    }
    expect((await ask({})).status).to.equal(200);
  });

  it('tells frames to all who look, the first of them with what has happened, and rests when nobody does', async () => {
    expect(source.isOpen).to.equal(false);
    const first = await Viewer.join(send({ path: '/api/frames' }));
    source.pending.push({ time: 1, type: 'command', node: null, term: null, text: 'something' });
    await eventually('frames come', async () => first.frames[2]);
    expect(source.isOpen).to.equal(true);
    expect(feed.audience).to.equal(1);
    const second = await Viewer.join(send({ path: '/api/frames' }));
    const [begin, next] = await eventually('the second is told', async () =>
      second.frames.length > 1 ? second.frames : undefined,
    );
    expect(begin?.events.map(({ text }) => text)).to.deep.equal(['something']);
    expect(next?.events).to.deep.equal([]);
    expect(first.frames.flatMap(({ events }) => events)).to.have.length(1);

    first.leave();
    await eventually('one is left', async () => feed.audience === 1 || undefined);
    expect(source.isOpen).to.equal(true);
    second.leave();
    await eventually('nobody is left', async () => feed.audience === 0 || undefined);
    expect(source.isOpen).to.equal(false);
    const { frames } = source;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(source.frames).to.equal(frames);
  });

  it('gives one that does not read fewer frames, but every event', async () => {
    const socket = connect({ host, port: port() });
    socket.pause();
    socket.write(`GET /api/frames HTTP/1.1\r\nHost: ${host}:${port()}\r\n\r\n`);
    await eventually('it looks', async () => feed.audience === 1 || undefined);
    const text = 'x'.repeat(1_000_000);
    for (let n = 0; n < 30; n += 1) {
      source.pending.push({ time: n, type: 'command', node: null, term: null, text: `${n} ${text}` });
      const { frames } = source;
      await eventually('a frame is made', async () => source.frames > frames || undefined);
    }
    let said = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    socket.resume();
    const told = await eventually('all is told', async () => {
      const numbers = [...said.matchAll(/"text":"(\d+) x/g)].map(([, number]) => Number(number));
      return numbers.length >= 30 ? numbers : undefined;
    });
    expect(told).to.deep.equal(Array.from({ length: 30 }, (_, n) => n));
    // Fewer frames than were made: it was passed over while too much waited.
    expect(said.split('data: ').length - 1).to.be.below(source.frames);
    socket.destroy();
  });

  it('hangs up on those who look when it is closed', async () => {
    const viewer = await Viewer.join(send({ path: '/api/frames' }));
    await server.close();
    await viewer.ended;
    expect(source.isOpen).to.equal(false);
  });
});

class Viewer {
  readonly frames: ClusterFrame[] = [];
  readonly ended: Promise<void>;
  readonly #asking: ClientRequest;

  private constructor(asking: ClientRequest, response: IncomingMessage) {
    this.#asking = asking;
    let said = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const parts = said.split('\n\n');
      said = parts.pop() ?? '';
      for (const part of parts) this.frames.push(JSON.parse(part.replace(/^data: /, '')));
    });
    response.on('error', () => {});
    this.ended = new Promise((resolve) => {
      response.once('close', () => resolve());
    });
  }

  static async join(asking: ClientRequest): Promise<Viewer> {
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    expect(response.headers['content-type']).to.equal('text/event-stream');
    return new Viewer(asking, response);
  }

  leave(): void {
    this.#asking.on('error', () => {});
    this.#asking.destroy();
  }
}
