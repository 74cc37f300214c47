/** A read whose leader's clock has passed a key's deadline waits until log time has, too. */
import { expect } from 'chai';
import { KvServing } from '../../../kv/kvServing.ts';
import { OperationCode, type Reply } from '../../../kv/operation.ts';
import { decodeEntryHeader, encodeQuery, ItemKind } from '../../../kv/wire.ts';
import type { Entry } from '../../../machines/entry.ts';
import type { Storage } from '../../../machines/ports.ts';
import type { RaftNode } from '../../../runtime/raftNode.ts';
import { Applied, codeOf, operation, text } from './applied.ts';

const { put, get, exists, keys, persist, pttl, tick } = OperationCode;

/** A server that leads, with a clock of its own; what it proposes is applied when the test says so. */
class Bench {
  readonly applied = new Applied(1000);
  clock = 1000;
  isLeader = true;
  readonly proposed: { code: OperationCode; proposedAt: number; entry: Entry }[] = [];
  readonly answers = new Map<number, (string | Reply)[]>();
  readonly serving: KvServing;
  #tokens = 0;

  constructor() {
    const { state } = this.applied;
    const isLeader = () => this.isLeader;
    this.serving = new KvServing({
      ...{ id: 'n1', state, maxLogBytes: -1, timeOfDay: () => this.clock, sessionIdleMsMax: 1e6 },
      node: {
        get isLeader() {
          return isLeader();
        },
        propose: (payload: Uint8Array, kind: Entry['kind'], service: number) => {
          const index = 1000 + this.proposed.length;
          if (!this.isLeader) return { index: -1, term: 1, isLeader: false };
          const entry: Entry = { index, term: 1, kind, service, payload };
          this.proposed.push({ ...decodeEntryHeader(payload), entry });
          return { index, term: 1, isLeader: true };
        },
        requestReadIndex: () => {},
      } as unknown as RaftNode, // of the node, queries and ticks use these alone
      storage: {} as Storage,
      reply: (token, { replies }) => this.answers.set(token, replies.map(text)),
    });
  }

  /** Queries in one request, whose read index is confirmed at once. */
  read(...queries: [OperationCode, ...string[]][]): number {
    this.#tokens += 1;
    const items = queries.map(([code, ...keys]) => ({
      kind: ItemKind.memberQuery,
      body: encodeQuery(operation(code, ...keys)),
    }));
    this.serving.take(this.#tokens, items, 'n1');
    this.serving.noteReadIndex([this.#tokens], 1, 'n1');
    this.serving.answerQueries(999, 'n1');
    return this.#tokens;
  }

  applyProposed(): void {
    this.serving.apply(this.proposed.map(({ entry }) => entry));
    this.serving.answerQueries(999 + this.proposed.length, 'n1');
  }
}

describe('a read of a key with a deadline', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    bench.applied.do(put, 'k', 'v', 'PX', '500');
    bench.applied.do(put, 'other', 'w');
  });

  it('is answered at once before the deadline, with the time that is left on the clock of the leader', () => {
    bench.clock = 1499;
    expect(bench.answers.get(bench.read([get, 'k'], [pttl, 'k']))).to.deep.equal(['v', 1]);
    expect(bench.proposed).to.deep.equal([]);
  });

  it('waits behind the deadline for an entry that lets log time pass it', () => {
    bench.clock = 1700;
    const token = bench.read([get, 'k']);
    expect(bench.answers.has(token), 'an answer that a leader with another clock might contradict').to.equal(
      false,
    );
    expect(bench.proposed.map(({ code, proposedAt }) => [code, proposedAt])).to.deep.equal([[tick, 1700]]);
    bench.applyProposed();
    expect(bench.answers.get(token)).to.deep.equal([null]);
  });

  it('shares its tick with the reads that wait like it', () => {
    bench.clock = 1700;
    const tokens = [bench.read([get, 'k']), bench.read([get, 'k'])];
    expect(bench.proposed).to.have.length(1);
    bench.applyProposed();
    expect(tokens.map((token) => bench.answers.get(token))).to.deep.equal([[null], [null]]);
  });

  it('needs no tick where a command under way carries a late enough stamp', () => {
    bench.clock = 1700;
    bench.serving.take(77, [{ kind: ItemKind.register, body: new Uint8Array(0) }], 'n1');
    bench.clock = 1650;
    const token = bench.read([get, 'k']);
    expect(bench.proposed).to.have.length(1);
    bench.applyProposed();
    expect(bench.answers.get(token)).to.deep.equal([null]);
  });

  it('takes the reads of its request with it, so that none is answered from an older state', () => {
    bench.clock = 1700;
    const token = bench.read([get, 'other'], [get, 'k']);
    expect(bench.answers.has(token)).to.equal(false);
    expect(bench.answers.get(bench.read([get, 'other'])), 'a request for another key').to.deep.equal(['w']);
    bench.applied.do(put, 'other', 'newer');
    bench.applyProposed();
    expect(bench.answers.get(token)).to.deep.equal(['newer', null]);
  });

  it('is answered although the key is set with a short deadline again and again', () => {
    bench.clock = 1700;
    const token = bench.read([get, 'k']);
    bench.serving.apply(bench.proposed.map(({ entry }) => entry));
    bench.clock = 1800;
    bench.applied.clock = 1750;
    bench.applied.do(put, 'k', 'again', 'PX', '1');
    bench.serving.answerQueries(1000, 'n1');
    expect(bench.answers.get(token)).to.deep.equal(['again']);
  });

  it('is answered although the clock is set back meanwhile', () => {
    bench.clock = 1700;
    const token = bench.read([get, 'k']);
    bench.clock = 900;
    bench.applyProposed();
    expect(bench.answers.get(token)).to.deep.equal([null]);
  });

  it('is left to the leader by a server that follows, which does not know its time', () => {
    bench.isLeader = false;
    // Long before the deadline by the clock of this server, which may be wrong.
    bench.clock = 1001;
    for (const code of [get, pttl, exists]) {
      const [reply] = bench.answers.get(bench.read([code, 'k'])) ?? [];
      expect(codeOf(reply as Reply), `operation ${code}`).to.equal('NotLeader');
    }
    const [listed] = bench.answers.get(bench.read([keys, '*'])) ?? [];
    expect(codeOf(listed as Reply)).to.equal('NotLeader');
    expect(bench.answers.get(bench.read([get, 'other']))).to.deep.equal(['w']);
    bench.applied.do(persist, 'k');
    expect(bench.answers.get(bench.read([get, 'k'], [keys, '*']))?.[0]).to.equal('v');
    expect(bench.proposed).to.deep.equal([]);
  });

  it('is refused when the leadership is lost, and where no tick can be proposed', () => {
    bench.clock = 1700;
    const waiting = bench.read([get, 'k']);
    bench.serving.failWaits('n2');
    expect(bench.answers.get(waiting)?.map((reply) => codeOf(reply as Reply))).to.deep.equal(['NotLeader']);
    bench.isLeader = false;
    const late = bench.read([get, 'k']);
    expect(bench.answers.get(late)?.map((reply) => codeOf(reply as Reply))).to.deep.equal(['NotLeader']);
    // What an earlier leadership has stamped may be lost with it.
    bench.isLeader = true;
    bench.read([get, 'k']);
    expect(bench.proposed).to.have.length(2);
  });
});
