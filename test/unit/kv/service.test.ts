/** The replicated state machine and what surrounds it: exactly once, waits, views, snapshots. */
import { expect } from 'chai';
import fc from 'fast-check';
import { IndexWaits } from '../../../kv/indexWaits.ts';
import { KvServing } from '../../../kv/kvServing.ts';
import { KvError, OperationCode, ok, type Reply, Status } from '../../../kv/operation.ts';
import { StateMachine } from '../../../kv/stateMachine.ts';
import {
  decodeAnswer,
  decodeCommand,
  decodeItems,
  encodeAnswer,
  encodeCommand,
  encodeItems,
  encodeQuery,
  ItemKind,
  MalformedKvMessage,
} from '../../../kv/wire.ts';
import type { Storage } from '../../../machines/ports.ts';
import type { RaftNode } from '../../../runtime/raftNode.ts';
import { Applied, codeOf, operation, streamOf, text, utf8 } from './applied.ts';

describe('sessions', () => {
  it('let a command take effect once, and repeat its reply', () => {
    const applied = new Applied();
    const session = applied.register();
    const append = operation(OperationCode.append, 'k', 'ab');
    expect([1, 1, 1].map((sequence) => applied.run(session, sequence, append))).to.deep.equal([2, 2, 2]);
    expect(applied.get('k')).to.equal('ab');
  });

  it('repeat a reply that is nil', () => {
    const applied = new Applied();
    const session = applied.register();
    applied.run(session, 1, operation(OperationCode.put, 'k', 'old'));
    const put = operation(OperationCode.put, 'k', 'new', 'NX');
    expect([2, 2].map((sequence) => applied.run(session, sequence, put))).to.deep.equal([null, null]);
  });

  it('refuse a gap, and take the suffix when it is resent', () => {
    const applied = new Applied();
    const session = applied.register();
    const append = (what: string) => operation(OperationCode.append, 'k', what);
    expect(codeOf(applied.run(session, 2, append('b')))).to.equal('SequenceGap');
    applied.run(session, 1, append('a'));
    applied.run(session, 2, append('b'));
    expect(applied.get('k')).to.equal('ab');
  });

  it('never execute a command of an unknown or ended session', () => {
    const applied = new Applied();
    const put = operation(OperationCode.put, 'k', 'v');
    expect(codeOf(applied.run(77, 1, put))).to.equal('SessionExpired');
    const session = applied.register();
    expect(applied.run(session, 0, { code: OperationCode.closeSession, args: [] })).to.equal(ok);
    expect(codeOf(applied.run(session, 1, put))).to.equal('SessionExpired');
    expect(applied.get('k')).to.equal(null);
  });

  it('free replies that were seen, and keep those that were not', () => {
    const applied = new Applied();
    const session = applied.register();
    const append = operation(OperationCode.append, 'k', 'x');
    applied.run(session, 1, append);
    applied.run(session, 2, append);
    applied.run(session, 3, append, 1);
    expect(codeOf(applied.run(session, 1, append))).to.equal('Seen');
    expect(applied.run(session, 2, append)).to.equal(2);
    expect(applied.get('k')).to.equal('xxx');
  });

  it('survive a snapshot, with the replies that were not seen', async () => {
    const before = new Applied();
    const session = before.register();
    before.run(session, 1, operation(OperationCode.append, 'k', 'once'));
    const after = new Applied();
    await after.state.restore(streamOf(before.state.snapshot()));
    expect(after.run(session, 1, operation(OperationCode.append, 'k', 'once'))).to.equal(4);
    expect(after.get('k')).to.equal('once');
  });
});

describe('snapshots', () => {
  it('hold the state of their moment, however the chunks are cut and whatever is written meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.string({ maxLength: 5000 }), { maxKeys: 60 }),
        fc.integer({ min: 1, max: 3000 }),
        async (data, split) => {
          const source = new Applied();
          const session = source.register();
          let sequence = 0;
          const put = (key: string, value: string) => {
            sequence += 1;
            source.run(session, sequence, operation(OperationCode.put, key, value));
          };
          for (const [key, value] of Object.entries(data)) put(key, value);
          const target = new Applied();
          async function* whileWriting() {
            for await (const chunk of streamOf(source.state.snapshot(), split)) {
              put('later', 'written while the snapshot was');
              for (const key of Object.keys(data)) put(key, 'overwritten');
              yield chunk;
            }
          }
          await target.state.restore(whileWriting());
          for (const [key, value] of Object.entries(data)) expect(target.get(key)).to.equal(value);
          expect(target.state.keys).to.equal(Object.keys(data).length);
          if (Object.keys(data).length > 0)
            expect(source.get('later')).to.equal('written while the snapshot was');
        },
      ),
      { numRuns: 40 },
    );
  });

  it('that are cut short or of another format are refused', async () => {
    const refused = async (chunks: Uint8Array[]) =>
      new StateMachine().restore(streamOf(chunks)).then(
        () => undefined,
        (error: Error) => error,
      );
    expect(await refused([Uint8Array.of(9)])).to.be.instanceOf(MalformedKvMessage);
    expect(await refused([Uint8Array.of(2, 0, 200)])).to.be.instanceOf(MalformedKvMessage);
  });
});

describe('index waits', () => {
  const recorder = () => {
    const settled: [number, unknown][] = [];
    return { settled, settle: (slot: number, reply: Reply) => settled.push([slot, codeOf(reply)]) };
  };

  it('settle when that very entry is applied', () => {
    const waits = new IndexWaits();
    const waiting = recorder();
    waits.at(3, 1, waiting, 0);
    waits.at(5, 1, waiting, 1);
    waits.settle(4, 1, 'not waited for' as unknown as Reply);
    expect(waiting.settled).to.deep.equal([[0, 'LeadershipLost']]);
    waits.settle(5, 1, 7);
    expect(waiting.settled).to.deep.equal([
      [0, 'LeadershipLost'],
      [1, 7],
    ]);
  });

  it("fail when another term's entry takes the index, and when leadership is lost", () => {
    const waits = new IndexWaits();
    const waiting = recorder();
    waits.at(3, 1, waiting, 0);
    waits.at(4, 1, waiting, 1);
    waits.settle(3, 2, 7);
    expect(waiting.settled).to.deep.equal([[0, 'LeadershipLost']]);
    waits.failAll();
    expect(waiting.settled).to.have.length(2);
    expect(waits.size).to.equal(0);
  });

  it('stay in step over many thousands', () => {
    const waits = new IndexWaits();
    const waiting = recorder();
    for (let index = 1; index <= 10_000; index += 1) {
      waits.at(index, 1, waiting, index);
      if (index % 3 === 0) for (let done = index - 2; done <= index; done += 1) waits.settle(done, 1, done);
    }
    expect(waiting.settled.every(([slot, reply]) => slot === reply)).to.equal(true);
    expect(waits.size).to.equal(1);
  });
});

describe('queries', () => {
  it('wait until what is applied has reached their read index, and are refused with the leadership', () => {
    const answers = new Map<number, readonly Reply[]>();
    const asked: number[] = [];
    const serving = new KvServing({
      ...{ id: 'n1', state: new StateMachine(), maxLogBytes: -1, timeOfDay: () => 0, sessionIdleMsMax: 1000 },
      // Of the node and its disk a query uses this alone.
      node: { requestReadIndex: (token: number) => asked.push(token) } as unknown as RaftNode,
      storage: {} as Storage,
      reply: (token, { replies }) => answers.set(token, replies),
    });
    const query = { kind: ItemKind.query, body: encodeQuery(operation(OperationCode.get, 'k')) };
    for (const token of [1, 2]) {
      serving.take(token, [query], 'n1');
      serving.askForReadIndex(token);
    }
    expect(asked).to.deep.equal([1, 2]);
    serving.noteReadIndex([1], 5, 'n1');
    serving.answerQueries(4, null);
    expect(answers.has(1), 'an answer from before the read index').to.equal(false);
    serving.answerQueries(5, null);
    expect(answers.get(1)).to.deep.equal([null]);
    serving.noteReadIndex([2], null, null);
    expect(answers.get(2)?.map(codeOf)).to.deep.equal(['NotLeader']);
  });

  it('and commands that no entry could hold are told apart: those are refused, and nothing is proposed', () => {
    const proposed: unknown[] = [];
    let answer: readonly Reply[] = [];
    const serving = new KvServing({
      ...{ id: 'n1', state: new StateMachine(), maxLogBytes: -1, timeOfDay: () => 0, sessionIdleMsMax: 1000 },
      node: { propose: (...all: unknown[]) => proposed.push(all) } as unknown as RaftNode, // must not be called
      storage: {} as Storage,
      reply: (_, { replies }) => {
        answer = replies;
      },
    });
    serving.take(1, [{ kind: ItemKind.command, body: new Uint8Array(65 * 1024 * 1024) }], 'n1');
    expect(answer.map(codeOf)).to.deep.equal(['Err']);
    expect(proposed).to.deep.equal([]);
  });
});

describe('key/value messages', () => {
  it('give items, commands and answers back', () => {
    const command = encodeCommand(operation(OperationCode.put, 'k', 'v'), {
      session: 2 ** 40,
      sequence: 7,
      seenThrough: 6,
    });
    expect(decodeCommand(command)).to.deep.include({
      code: OperationCode.put,
      session: 2 ** 40,
      sequence: 7,
      seenThrough: 6,
    });
    const items = [
      { kind: ItemKind.register, body: new Uint8Array(0) },
      { kind: ItemKind.command, body: command },
    ];
    expect(decodeItems(encodeItems(items)).map(({ kind, body }) => [kind, [...body]])).to.deep.equal(
      items.map(({ kind, body }) => [kind, [...body]]),
    );
    const replies: Reply[] = [
      null,
      -1.5,
      utf8.encode('bulk'),
      new Status('OK'),
      new KvError('Err', 'no such thing'),
      [1, [null]],
    ];
    const answer = decodeAnswer(encodeAnswer({ server: 'n1', leader: null, replies }));
    expect(answer).to.include({ server: 'n1', leader: null });
    expect(JSON.stringify(answer.replies.map(text))).to.equal(JSON.stringify(replies.map(text)));
  });

  it('are refused by name when they are garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
        for (const read of [decodeItems, decodeAnswer, decodeCommand]) {
          try {
            read(garbage);
          } catch (error) {
            expect(error).to.be.instanceOf(MalformedKvMessage);
          }
        }
      }),
    );
  });
});
