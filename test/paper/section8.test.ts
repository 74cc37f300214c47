import { expect } from 'chai';
import { type KvCluster, kvCluster } from 'xstate-raft/testing';
import { KvError, OperationCode, type Reply } from '../../kv/operation.ts';
import {
  type Answer,
  decodeAnswer,
  encodeCommand,
  encodeItems,
  encodeQuery,
  type Item,
  ItemKind,
  kvService,
} from '../../kv/wire.ts';
import { EntryKind, readEntry } from '../../machines/entry.ts';
import { Caller } from '../../runtime/simulation/caller.ts';
import { entriesRequest, matched, record } from '../unit/runtime/nodeHarness.ts';
import { ask, bytes, lastSent, lead, paperNode, stored } from './paperBench.ts';

// Section 8, client interaction: what a leader does before it answers a read.
describe('8 a leader that serves clients', () => {
  const serving = { noopAtTermStart: true };

  it('opens its term with an entry of no command, and so commits what earlier terms left', async () => {
    const bench = paperNode(stored(2, [1, 2]), serving);
    await lead(bench);
    bench.answer('n2', matched(3, 2));
    await bench.pass(1);
    const { term, prevLogIndex, entries } = lastSent(bench, 'appendEntries', 'n2');
    expect({ term, prevLogIndex, count: entries.count }).to.deep.equal({
      term: 3,
      prevLogIndex: 2,
      count: 1,
    });
    expect(readEntry(entries.bytes, 0)).to.include({ index: 3, term: 3, kind: EntryKind.internal });
    bench.answer('n2', matched(3, 3));
    await bench.pass(1);
    expect(bench.node.log.commitIndex).to.equal(3);
  });

  it('answers no read before an entry of its term is committed, and then as of that', async () => {
    const bench = paperNode(stored(2, [1, 2]), serving);
    const answered = record(bench.node.streams.readConfirmed$);
    await lead(bench);
    bench.node.requestReadIndex(1);
    await bench.pass(1);
    bench.answer('n2', matched(3, 2, 'n2', 1));
    bench.answer('n3', matched(3, 2, 'n3', 1));
    await bench.pass(1);
    expect(answered).to.deep.equal([]);
    bench.answer('n2', matched(3, 3));
    await bench.pass(1);
    bench.answer('n2', matched(3, 3, 'n2', 1));
    await bench.pass(1);
    expect(answered).to.deep.equal([{ tokens: [1], readIndex: 3 }]);
  });

  /** With its first entry committed. */
  async function established() {
    const bench = paperNode({}, serving);
    await lead(bench);
    bench.answer('n2', matched(1, 1));
    bench.answer('n3', matched(1, 1, 'n3'));
    await bench.pass(50);
    return { bench, answered: record(bench.node.streams.readConfirmed$) };
  }

  it('answers a read once a majority has replied to a heartbeat that was sent after it was asked', async () => {
    const { bench, answered } = await established();
    const before = bench.sent.length;
    bench.node.requestReadIndex(1);
    await bench.pass(0);
    // As many as a majority needs.
    expect(bench.sent.slice(before).map(({ to, request }) => [to, request.type])).to.deep.equal([
      ['n2', 'appendEntries'],
    ]);
    // The reply to an earlier heartbeat shows nothing.
    bench.answer('n3', matched(1, 1, 'n3', 0));
    await bench.pass(1);
    expect(answered).to.deep.equal([]);
    bench.answer('n2', matched(1, 1, 'n2', lastSent(bench, 'appendEntries', 'n2').round));
    await bench.pass(1);
    expect(answered).to.deep.equal([{ tokens: [1], readIndex: 1 }]);
  });

  it('answers no read while nobody confirms that it still leads', async () => {
    const { bench, answered } = await established();
    bench.node.requestReadIndex(1);
    await bench.pass(5000);
    expect(bench.node.isLeader, 'by what it knows').to.equal(true);
    expect(answered).to.deep.equal([]);
  });

  it('refuses a read when it learns that another has taken its place', async () => {
    const { bench, answered } = await established();
    bench.node.requestReadIndex(1);
    await ask(bench, entriesRequest(2, [1, 1], [2]));
    expect(answered).to.deep.equal([{ tokens: [1], readIndex: null }]);
  });

  it('writes nothing to the log for a read', async () => {
    const { bench, answered } = await established();
    for (let token = 1; token <= 10; token += 1) {
      bench.node.requestReadIndex(token);
      await bench.pass(0);
      bench.answer('n2', matched(1, 1, 'n2', lastSent(bench, 'appendEntries', 'n2').round));
      await bench.pass(1);
    }
    expect(answered).to.have.length(10);
    expect(bench.node.log.lastIndex).to.equal(1);
  });
});

// Section 8, client interaction: clients and the key/value service.
describe('8 a client', () => {
  let bench: KvCluster;
  afterEach(() => bench.stop());

  async function serving(): Promise<number> {
    bench = kvCluster(3);
    await bench.clock.run(5000, () => bench.leader() !== undefined);
    await bench.sleep(300);
    return bench.leader() ?? 0;
  }

  /** What one server says to one request. */
  async function askServer(caller: Caller, server: number, ...items: Item[]): Promise<Answer> {
    const body = encodeItems(items);
    const request = { type: 'serviceRequest', group: 0, service: kvService, body } as const;
    const reply = await bench.during(caller.call(`n${server}`, request), 5000);
    if (reply?.type !== 'serviceReply') throw new Error(`n${server} did not answer.`);
    return decodeAnswer(reply.body);
  }
  const append = (session: number, sequence: number, text: string): Item => {
    const operation = { code: OperationCode.append, args: [bytes('k'), bytes(text)] };
    return { kind: ItemKind.command, body: encodeCommand(operation, { session, sequence, seenThrough: 0 }) };
  };
  const get: Item = {
    kind: ItemKind.query,
    body: encodeQuery({ code: OperationCode.get, args: [bytes('k')] }),
  };
  const asText = (reply: Reply | undefined) =>
    reply instanceof Uint8Array ? new TextDecoder().decode(reply) : reply;

  it('that asks a follower is turned away, and told who leads', async () => {
    const leader = await serving();
    const caller = new Caller(bench.network, 'client');
    for (const server of [0, 1, 2].filter((i) => i !== leader)) {
      const answer = await askServer(caller, server, get);
      expect(answer.leader).to.equal(`n${leader}`);
      expect(answer.replies[0]).to.be.instanceOf(KvError).and.include({ code: 'NotLeader' });
    }
    expect((await askServer(caller, leader, get)).replies).to.deep.equal([null]);
  });

  it('that sends a command again gets the reply of the first time, and the command has effect once', async () => {
    const leader = await serving();
    const caller = new Caller(bench.network, 'client');
    const [session] = (await askServer(caller, leader, { kind: ItemKind.register, body: bytes('') })).replies;
    const replies: (Reply | undefined)[] = [];
    for (const sequence of [1, 2, 1, 2]) {
      replies.push((await askServer(caller, leader, append(Number(session), sequence, 'abc'))).replies[0]);
    }
    expect(replies, 'lengths after each').to.deep.equal([3, 6, 3, 6]);
    expect(asText((await askServer(caller, leader, get)).replies[0])).to.equal('abcabc');
  });

  it('whose leader crashes goes on with another server', async () => {
    const leader = await serving();
    const clerk = bench.clerk();
    await bench.during(clerk.append('k', 'a'));
    bench.crash(leader);
    await bench.during(clerk.append('k', 'b'), 10_000);
    expect(await bench.during(clerk.get('k'))).to.equal('ab');
    expect(bench.leader()).not.to.equal(leader);
  });

  it('that hears nothing of a command that took effect has it executed once, also by the next leader', async () => {
    const leader = await serving();
    const clerk = bench.clerk();
    const other = bench.clerk();
    await bench.during(clerk.append('k', 'a'));
    bench.network.setLink(`n${leader}`, 'c0', { replyLoss: 1 });
    const appended = clerk.append('k', 'b');
    await bench.sleep(1000);
    expect(await bench.during(other.get('k')), 'while its reply is lost').to.equal('ab');
    bench.crash(leader);
    await bench.during(appended, 10_000);
    expect(await bench.during(other.get('k'))).to.equal('ab');
  });

  it('that is left alone with an old leader reads nothing stale from it', async () => {
    const leader = await serving();
    const [clerk, other] = [bench.clerk(), bench.clerk()];
    await bench.during(clerk.put('k', 'old'));
    const rest = [0, 1, 2].filter((i) => i !== leader).map((i) => `n${i}`);
    bench.network.partition([`n${leader}`, 'c0'], [...rest, 'c1']);
    await bench.during(other.put('k', 'new'), 10_000);
    const read: string[] = [];
    const reading = clerk.get('k').then((value) => read.push(value));
    await bench.sleep(3000);
    expect(read).to.deep.equal([]);
    bench.heal();
    await bench.during(reading, 10_000);
    expect(read).to.deep.equal(['new']);
  });

  it('sees what another was told is done', async () => {
    await serving();
    const [clerk, other] = [bench.clerk(), bench.clerk()];
    for (let i = 0; i < 20; i += 1) {
      await bench.during(clerk.put('k', `${i}`));
      expect(await bench.during(other.get('k'))).to.equal(`${i}`);
    }
  });
});
