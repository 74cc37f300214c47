/** The live page of a cluster of processes, as its feed and its actions are to a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { PageHello } from '../../../kv/page/pageServer.ts';
import type { ActionOutcome, ClusterAction } from '../../../runtime/observation/clusterAction.ts';
import type { ClusterEvent, ClusterFrame, NodeFrame } from '../../../runtime/observation/clusterFrame.ts';
import { eventually } from '../../eventually.ts';
import { close, freeBase, listenOn, portOf } from '../../freePorts.ts';
import { RunningCommand } from '../../runningCommand.ts';

/** A browser that looks. */
class Viewer {
  frame: ClusterFrame | undefined;
  readonly events: ClusterEvent[] = [];
  /** ms since the Unix epoch. */
  readonly openedAt = Date.now();
  readonly #leaving = new AbortController();
  readonly #url: string;
  readonly #hello: PageHello;

  private constructor(url: string, hello: PageHello, frames: AsyncIterable<Uint8Array>) {
    this.#url = url;
    this.#hello = hello;
    void this.#read(frames).catch(() => {});
  }

  static async at(url: string): Promise<Viewer> {
    const hello = (await (await fetch(`${url}/api/hello`)).json()) as PageHello;
    const { body } = await fetch(`${url}/api/frames`);
    if (!body) throw new Error('The feed has no body.');
    return new Viewer(url, hello, body);
  }

  get actions(): PageHello['actions'] {
    return this.#hello.actions;
  }

  async act(action: ClusterAction): Promise<ActionOutcome> {
    const headers = { origin: this.#url, 'x-page-token': this.#hello.token };
    const body = JSON.stringify(action);
    return (
      await fetch(`${this.#url}/api/actions`, { method: 'POST', headers, body })
    ).json() as Promise<ActionOutcome>;
  }

  sees(fact: string, holds: (frame: ClusterFrame) => boolean): Promise<ClusterFrame> {
    return eventually(fact, async () => (this.frame && holds(this.frame) ? this.frame : undefined));
  }

  leader(other = ''): Promise<NodeFrame> {
    return eventually('a node is seen to lead', async () =>
      this.frame?.nodes.find(({ id, role, state }) => role === 'leader' && state === 'up' && id !== other),
    );
  }

  leave(): void {
    this.#leaving.abort();
  }

  async #read(frames: AsyncIterable<Uint8Array>): Promise<void> {
    let said = '';
    for await (const chunk of frames) {
      if (this.#leaving.signal.aborted) return;
      said += Buffer.from(chunk).toString();
      const parts = said.split('\n\n');
      said = parts.pop() ?? '';
      for (const part of parts) {
        this.frame = JSON.parse(part.slice('data: '.length)) as ClusterFrame;
        this.events.push(...this.frame.events);
      }
    }
  }
}

describe('the live page', () => {
  let folder: string;
  let dev: RunningCommand;
  let viewer: Viewer;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    dev = new RunningCommand(['xstate-raft', 'dev', '--data', folder, '--port', String(await freeBase())]);
    const [, url = ''] = await dev.says(/^Watch it work, and break it: (\S+)$/m);
    viewer = await Viewer.at(url);
  });

  after(async () => {
    viewer.leave();
    await dev.stop('SIGINT');
    await rm(folder, { recursive: true });
  });

  const nodeOf = ({ nodes }: ClusterFrame, id: string): NodeFrame | undefined =>
    nodes.find((node) => node.id === id);

  it('shows every node from the first frame on', async () => {
    const { nodes, cuts } = await viewer.sees('there is a frame', () => true);
    expect(nodes.map(({ id, state }) => `${id} ${state}`)).to.deep.equal(['n1 up', 'n2 up', 'n3 up']);
    expect(cuts).to.deep.equal([]);
    const leader = await viewer.leader();
    expect(leader.peers).to.have.length(2);
    expect(leader.actors.map(({ chart }) => chart)).to.include.members(['raft', 'storage', 'replicator']);
  });

  it('tells of the elections that nobody looked at', async () => {
    const { id, term } = await viewer.leader();
    const elected = await eventually('it is told', async () =>
      viewer.events.find(({ type }) => type === 'leaderElected'),
    );
    expect(elected.text).to.contain(`${id} leads term ${term}, with the votes of`);
    expect(elected.time).to.be.below(viewer.openedAt);
    const [asked] = viewer.events;
    expect(asked?.text).to.match(/^n\d asks who would vote for it in term 1: it has heard no leader yet\.$/);
  });

  it('writes and reads keys, whatever their bytes, and lists them', async () => {
    const key = 'key\\x00*?[a';
    expect(await viewer.act({ type: 'put', key, value: 'grüße\\xff' })).to.include({ isDone: true });
    expect(await viewer.act({ type: 'get', key })).to.include({ isDone: true, value: 'grüße\\xff' });
    expect(await viewer.act({ type: 'get', key: 'none' })).to.include({ isDone: true, value: null });
    await viewer.act({ type: 'put', key: 'another', value: '' });
    const listed = await viewer.act({ type: 'keys', prefix: 'key\\x00*?[' });
    expect(listed.keys).to.deep.equal([key]);
    expect((await viewer.act({ type: 'keys', prefix: '' })).keys).to.have.members([key, 'another']);
    expect(await viewer.act({ type: 'get', key: '\\' })).to.deep.include({ isDone: false });
    await viewer.sees('clients are counted', ({ load }) => (load?.clients?.commandsPerSecond ?? 0) > 0);
    await viewer.sees('the write is in a log', ({ nodes }) =>
      nodes.some(({ log }) => log.tail.some(({ text }) => text.startsWith('put another'))),
    );
  });

  it('kills a leader: the election is told with its cause, and the node can be started again', async () => {
    const { id, term } = await viewer.leader();
    const outcome = await viewer.act({ type: 'crash', node: id });
    expect(outcome).to.include({ isDone: true });
    expect(outcome.text).to.match(new RegExp(`^${id} was ended with kill -9 \\d+\\.$`));
    const next = await viewer.leader(id);
    expect(next.term).to.be.above(term);
    const texts = viewer.events.map(({ text }) => text);
    expect(texts).to.include(`${id}, the leader of term ${term}, is down.`);
    expect(texts.join('\n')).to.match(
      new RegExp(`n\\d asks who would vote for it in term \\d+: it has heard nothing of ${id} for \\d+ ms`),
    );
    expect((await viewer.act({ type: 'crash', node: id })).text).to.equal(`${id} is down: restart it first.`);
    expect(await viewer.act({ type: 'restart', node: id })).to.include({ isDone: true });
    await viewer.sees('it is back', (frame) => nodeOf(frame, id)?.state === 'up');
    expect((await viewer.act({ type: 'restart', node: id })).text).to.equal(`${id} runs already.`);
  });

  it('pauses a node, and lets it go on', async () => {
    const { id } = await viewer.leader();
    expect(await viewer.act({ type: 'pause', node: id })).to.include({ isDone: true });
    await viewer.sees('it stands still', (frame) => nodeOf(frame, id)?.state === 'paused');
    const next = await viewer.leader(id);
    // Clients are served meanwhile.
    expect(await viewer.act({ type: 'put', key: 'meanwhile', value: next.id })).to.include({ isDone: true });
    expect(await viewer.act({ type: 'resume', node: id })).to.include({ isDone: true });
    await viewer.sees('it follows', (frame) => nodeOf(frame, id)?.leader === next.id);
    expect((await viewer.act({ type: 'resume', node: id })).text).to.equal(`${id} does not stand still.`);
  });

  it('cuts links, also of a node that is started again, and mends them', async () => {
    const { id } = await viewer.leader();
    const others = ['n1', 'n2', 'n3'].filter((other) => other !== id);
    await viewer.act({ type: 'partition', groups: [[id], others] });
    const next = await viewer.leader(id);
    await viewer.sees('it asks in vain', (frame) => nodeOf(frame, id)?.role === 'preCandidate');
    expect(viewer.frame?.cuts).to.have.deep.members(
      others.flatMap((other) => [
        { from: id, to: other },
        { from: other, to: id },
      ]),
    );
    await viewer.act({ type: 'mend', from: id, to: next.id });
    await viewer.sees('one link is whole', ({ cuts }) => cuts.length === 3);
    await viewer.act({ type: 'heal' });
    await viewer.sees('it follows', (frame) => nodeOf(frame, id)?.leader !== null);
    expect((await viewer.act({ type: 'cut', from: id, to: id })).text).to.contain('no link to itself');
    expect((await viewer.act({ type: 'cut', from: id, to: 'n9' })).text).to.contain('There is no node n9');
  });

  it('keeps a link cut when its node is started again: it hears, and is not heard', async () => {
    const leader = await viewer.leader();
    const id = leader.peers[0]?.peer ?? '';
    await viewer.act({ type: 'cut', from: id, to: leader.id });
    await viewer.act({ type: 'crash', node: id });
    await viewer.act({ type: 'restart', node: id });
    await viewer.act({ type: 'put', key: 'one', value: 'way' });
    const isHeard = (frame: ClusterFrame): boolean => {
      const [{ peers = [], log } = {}] = frame.nodes.filter((node) => node.id === leader.id);
      return peers.some(({ peer, matchIndex }) => peer === id && matchIndex === log?.lastIndex);
    };
    await viewer.sees(
      'the entry has reached it',
      (frame) => nodeOf(frame, id)?.log.tail.some(({ text }) => text === 'put one way') === true,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(viewer.frame && isHeard(viewer.frame)).to.equal(false);
    await viewer.act({ type: 'heal' });
    await viewer.sees('it is heard', isHeard);
  });

  it('hands leadership over', async () => {
    const leader = await viewer.leader();
    const to = leader.peers[0]?.peer ?? '';
    expect(await viewer.act({ type: 'transfer', to })).to.deep.equal({
      ...{ isDone: true, text: `${leader.id} has handed over to ${to}.` },
    });
    expect((await viewer.leader(leader.id)).id).to.equal(to);
  });

  it('goes on when every node is killed through it', async () => {
    for (const node of ['n1', 'n2', 'n3']) await viewer.act({ type: 'crash', node });
    await viewer.sees('all are down', ({ nodes }) => nodes.every(({ state }) => state === 'down'));
    expect(await viewer.act({ type: 'get', key: 'another' })).to.deep.equal({
      ...{ isDone: false, text: 'No node is able to answer: restart or resume one.' },
    });
    for (const node of ['n1', 'n2'])
      expect(await viewer.act({ type: 'restart', node })).to.include({ isDone: true });
    await viewer.leader();
    expect(await viewer.act({ type: 'get', key: 'another' })).to.include({ isDone: true, value: '' });
  });
});

describe('a cluster that is looked at', () => {
  it('ends cleanly on Ctrl-C, also while a node stands still', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    const base = String(await freeBase());
    const dev = new RunningCommand(['xstate-raft', 'dev', '--data', folder, '--port', base]);
    const [, url = ''] = await dev.says(/^Watch it work, and break it: (\S+)$/m);
    const viewer = await Viewer.at(url);
    await viewer.act({ type: 'pause', node: 'n2' });
    await viewer.sees('it stands still', ({ nodes }) => nodes[1]?.state === 'paused');
    const { code, stderr, stdout } = await dev.stop('SIGINT');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).not.to.contain('did not stop in time');
    viewer.leave();
    await rm(folder, { recursive: true });
  });

  it('has no page where none is wanted, and says where one cannot be', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    const base = await freeBase(1);
    const start = (page: string) =>
      new RunningCommand([
        ...['xstate-raft', 'dev', '--nodes', '1', '--data', folder, '--port', String(base), '--page', page],
      ]);
    const without = start('off');
    await without.says(/^Ready after/m);
    expect((await without.stop('SIGINT')).stdout).not.to.contain('Watch it work');
    const own = await start(String(base)).end();
    expect(own.stderr).to.equal(`xstate-raft: --page ${base} is a port of n1: choose another one, or off.\n`);
    const server = await listenOn();
    const taken = await start(String(portOf(server))).end();
    await close(server);
    expect(taken.stderr).to.match(/^xstate-raft: Cannot listen at 127\.0\.0\.1:\d+: the port is in use.+\n$/);
    expect([own.code, taken.code]).to.deep.equal([1, 1]);
    await rm(folder, { recursive: true });
  });
});

describe('the page of one node', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const serve = (base: number, page: string, id = 'n1'): RunningCommand => {
    const list = (offset: number) =>
      ['n1', 'n2'].map((name, place) => `${name}=127.0.0.1:${base + offset + place}`).join(',');
    const own = base + Number(id.slice(1)) - 1;
    return new RunningCommand([
      ...['xstate-raft', 'serve', '--id', id, '--peers', list(100), '--redis', `127.0.0.1:${own}`],
      ...['--redis-peers', list(0), '--data', path.join(folder, id), '--log', 'text', '--page', page],
    ]);
  };

  it('shows the node, and its peers as far as they say, and changes nothing', async () => {
    const base = await freeBase(2);
    const first = serve(base, '127.0.0.1:0');
    const [, url = ''] = await first.says(/n1 can be looked at: (\S+)/);
    const viewer = await Viewer.at(url);
    expect(viewer.actions).to.deep.equal(['get', 'keys']);
    await viewer.sees('the peer is down', ({ nodes }) => nodes[1]?.state === 'down');
    const second = serve(base, '127.0.0.1:0', 'n2');
    const { nodes } = await viewer.sees('one leads', (frame) =>
      frame.nodes.some(({ role }) => role === 'leader'),
    );
    expect(nodes.map(({ id }) => id)).to.deep.equal(['n1', 'n2']);
    await viewer.sees('both agree', (frame) =>
      frame.nodes.every(({ leader }) => leader === frame.nodes[0]?.leader),
    );
    expect((await viewer.act({ type: 'put', key: 'k', value: 'v' })).text).to.contain('not offered here');
    expect(await viewer.act({ type: 'get', key: 'k' })).to.include({ isDone: true, value: null });
    viewer.leave();
    // Also while somebody looks.
    expect((await first.stop('SIGTERM')).code).to.equal(0);
    await second.stop('SIGTERM');
  });

  it('is refused where others could reach it, or something else is, in one line', async () => {
    const base = await freeBase(2);
    const outside = await serve(base, '0.0.0.0:0').end();
    expect(outside.stderr).to.match(
      /^xstate-raft: --page 0\.0\.0\.0:0 can be reached from other machines.+\n$/,
    );
    const taken = await serve(base, `127.0.0.1:${base}`).end();
    expect(taken.stderr).to.match(/^xstate-raft: Cannot listen at 127\.0\.0\.1:\d+: the port is in use.+\n$/);
    expect([outside.code, taken.code]).to.deep.equal([1, 1]);
    const nonsense = await serve(base, 'nowhere').end();
    expect(nonsense.stderr).to.match(/--page <host:port>.+nowhere.+HOST:PORT/);
    expect(nonsense.code).to.equal(2);
  });
});
