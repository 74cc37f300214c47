/** A snapshot is of one moment, is made over many turns of the event loop, and nothing is kept of the memory it came in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { KvServing } from '../../../kv/kvServing.ts';
import { OperationCode, type Reply } from '../../../kv/operation.ts';
import { chunkBytes } from '../../../kv/snapshotFormat.ts';
import { SnapshotPace } from '../../../kv/snapshotPace.ts';
import { StateMachine } from '../../../kv/stateMachine.ts';
import { encodeAnswer, encodeCommand, encodeQuery, encodeRegistration } from '../../../kv/wire.ts';
import { EntryKind } from '../../../machines/entry.ts';
import { snapshotChunkBytes } from '../../../machines/limits.ts';
import type { StagedSnapshot } from '../../../machines/ports.ts';
import type { RaftNode } from '../../../runtime/raftNode.ts';
import { openSegmentedLog } from '../../../runtime/storage/segmentedLog/openSegmentedLog.ts';
import { Applied, operation, streamOf, text } from './applied.ts';
import { recordsOf } from './snapshotRecords.ts';

const { put, del, getset, pexpire, flush } = OperationCode;
const keys = 20_000;
const value = (of: string) => of.padEnd(60, '.');

function filled(): Applied {
  const applied = new Applied(1000);
  for (let i = 0; i < keys; i += 1) applied.do(put, `k${i}`, value('before'));
  for (let i = 0; i < keys; i += 7) applied.do(pexpire, `k${i}`, '5000');
  return applied;
}

async function restored(chunks: Iterable<Uint8Array>): Promise<StateMachine> {
  const state = new StateMachine();
  await state.restore(streamOf(chunks));
  return state;
}

describe('a snapshot that is being written', () => {
  const disturbances: [what: string, disturb: (applied: Applied, round: number) => void][] = [
    [
      'overwriting',
      (applied, round) => {
        for (let i = round; i < keys; i += 3) applied.do(put, `k${i}`, value('after'));
      },
    ],
    [
      'deleting and adding',
      (applied, round) => {
        for (let i = round; i < keys; i += 5) applied.do(del, `k${i}`);
        for (let i = 0; i < 2000; i += 1) applied.do(put, `new ${round} ${i}`, value('after'));
      },
    ],
    [
      'expiring',
      (applied) => {
        applied.clock = 10_000;
        for (let i = 0; i < 20; i += 1) applied.tick();
      },
    ],
    [
      'flushing, and filling anew',
      (applied) => {
        applied.do(flush);
        for (let i = 0; i < 2000; i += 1) applied.do(put, `k${i}`, value('after'));
      },
    ],
  ];
  for (const [what, disturb] of disturbances) {
    it(`shows its moment, whatever is done meanwhile: ${what}`, async () => {
      const applied = filled();
      // Before and behind the one that goes on working.
      const quiet = [applied.register(1e6), applied.register(1e6)];
      for (const session of quiet) applied.run(session, 1, operation(getset, 'k1', 'x'));
      const before = recordsOf(applied.state);
      const chunks: Uint8Array[] = [];
      let round = 0;
      for (const chunk of applied.state.snapshot()) {
        chunks.push(chunk);
        disturb(applied, round);
        for (const session of quiet) applied.run(session, 2 + round, operation(getset, 'k1', 'later'));
        round += 1;
      }
      expect(chunks.length, 'chunks').to.be.above(4);
      expect(recordsOf(await restored(chunks))).to.deep.equal(before);
      // The state itself is what it would be without the snapshot, and gives the next one.
      expect(recordsOf(await restored(applied.state.snapshot()))).to.deep.equal(recordsOf(applied.state));
    });
  }

  it('shows the sessions of its moment, however many there are', async () => {
    const applied = new Applied();
    const sessions = Array.from({ length: 5000 }, () => applied.register(1e6));
    for (const session of sessions) applied.run(session, 1, operation(put, 'k', 'v'));
    for (const session of sessions) applied.run(session, 2, operation(getset, 'k', value(`of ${session}`)));
    const before = recordsOf(applied.state);
    const chunks: Uint8Array[] = [];
    for (const chunk of applied.state.snapshot()) {
      chunks.push(chunk);
      for (const [i, session] of sessions.entries()) {
        if (i % 3 > 0) applied.run(session, 2 + chunks.length, operation(getset, 'k', 'later'), i % 3);
      }
      applied.register();
      applied.run(sessions[3] ?? 0, 0, { code: OperationCode.closeSession, args: [] });
    }
    expect(chunks.length, 'chunks').to.be.above(1);
    expect(recordsOf(await restored(chunks))).to.deep.equal(before);
  });
});

describe('a snapshot on disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** What happens, and between which turns of the event loop. */
  class Turns {
    readonly at: number[] = [];
    #turn = 0;
    #timer: NodeJS.Immediate | undefined;

    start(): void {
      this.#timer = setImmediate(() => {
        this.#turn += 1;
        this.start();
      });
    }
    note(): void {
      this.at.push(this.#turn);
    }
    stop(): void {
      clearImmediate(this.#timer);
    }
  }

  it('is written and read a piece at a time, with turns of the event loop between', async () => {
    const applied = filled();
    const storage = await openSegmentedLog(folder, { clusterId: 'c', nodeId: 'n1' });
    const written = new Turns();
    const pieces: number[] = [];
    let staged: StagedSnapshot | undefined;
    let failure: unknown;
    const serving = new KvServing({
      ...{ id: 'n1', state: applied.state, maxLogBytes: 1, timeOfDay: () => 0, sessionIdleMsMax: 1000 },
      // What a snapshot asks of its node.
      node: {
        stageSnapshot: (index: number) => {
          const stage = storage.stageSnapshot({ index, term: 1 });
          const add = stage.add.bind(stage);
          stage.add = (chunk) => {
            written.note();
            pieces.push(chunk.byteLength);
            return add(chunk);
          };
          return stage;
        },
        commitSnapshot: (stage: StagedSnapshot) => {
          staged = stage;
        },
        snapshotRestored: () => {},
        log: { byteLength: 0 },
        fail: (error: unknown) => {
          failure = error;
        },
      } as unknown as RaftNode,
      storage,
      snapshotPace: new SnapshotPace(() => performance.now()),
      reply: () => {},
    });
    written.start();
    await serving.takeSnapshot(applied.index);
    written.stop();
    if (!staged) throw new Error(`No snapshot was committed: ${failure}`);
    expect(Math.max(...pieces)).to.be.at.most(chunkBytes);
    expect(pieces.length, 'pieces').to.be.at.least(Math.floor(staged.size / chunkBytes));
    expect(pieces.length).to.be.above(4);
    expect(new Set(written.at).size, 'each in a turn of its own').to.equal(pieces.length);

    const before = recordsOf(applied.state);
    const snapshot = staged;
    await new Promise<void>((resolve, reject) =>
      storage.write({ snapshot }, (error) => (error ? reject(error) : resolve())),
    );
    const read = new Turns();
    const hold = storage.snapshot.bind(storage);
    storage.snapshot = () => {
      const stored = hold();
      const readPiece = stored?.read.bind(stored);
      if (stored && readPiece) {
        stored.read = (offset, length) => {
          expect(length).to.be.at.most(snapshotChunkBytes);
          read.note();
          return readPiece(offset, length);
        };
      }
      return stored;
    };
    read.start();
    await serving.restore({ index: applied.index, term: 1 });
    read.stop();
    await storage.close();
    expect(failure).to.equal(undefined);
    expect(read.at.length).to.be.above(4);
    expect(new Set(read.at).size, 'each in a turn of its own').to.equal(read.at.length);
    expect(recordsOf(applied.state)).to.deep.equal(before);
  });
});

describe('what outlives its batch', () => {
  const session = 1;
  const about = { term: 1, service: 1 };
  const sizes = [10, 10_000];
  const values = ['1', '2'].flatMap((digit) => sizes.map((size) => digit.repeat(size)));

  const hexOf = (reply: Reply) =>
    Buffer.from(encodeAnswer({ server: 'n1', leader: null, replies: [reply] })).toString('hex');

  function withSession(): StateMachine {
    const state = new StateMachine();
    const registration = encodeRegistration(0, 1e6);
    state.apply({ ...about, index: session, kind: EntryKind.session, payload: registration });
    return state;
  }

  it('is a long value where it came, if it is most of that memory, and a copy if it is not', async () => {
    const state = withSession();
    const put = (sequence: number, key: string, value: string, besides: number) => {
      const command = encodeCommand(operation(OperationCode.put, key, value), {
        ...{ session, sequence, seenThrough: sequence - 1 },
      });
      const memory = new Uint8Array(command.byteLength + besides);
      memory.set(command);
      const payload = memory.subarray(0, command.byteLength);
      state.apply({ ...about, index: 1 + sequence, kind: EntryKind.command, payload });
      return memory.buffer;
    };
    const long = 'v'.repeat(100_000);
    const came = { most: put(1, 'most', long, 90_000), less: put(2, 'less', long, 110_000) };
    const held = (key: string) => state.query(operation(OperationCode.get, key)) as Uint8Array;
    expect(held('most').buffer).to.equal(came.most);
    expect(held('less').buffer).to.not.equal(came.less);
    expect(held('less').buffer.byteLength).to.be.below(101_000);
    const reply = state.apply({
      ...{ ...about, index: 4, kind: EntryKind.command },
      payload: encodeCommand(operation(getset, 'most', 'new'), { session, sequence: 3, seenThrough: 0 }),
    });
    expect(text(reply)).to.equal(long);
    const before = recordsOf(state);
    const restored = new StateMachine();
    await restored.restore(streamOf(state.snapshot(), 10_000));
    expect(recordsOf(restored)).to.deep.equal(before);
  });

  it('keeps nothing of the memory that it came in', async () => {
    const state = withSession();
    const exec = operation(OperationCode.exec);
    const encoded = values.map((each) => encodeQuery(operation(getset, `k${each.length}`, each)));
    const commands = [
      ...values.map((each) => operation(getset, `k${each.length}`, each)),
      { ...exec, args: [encodeQuery(operation(OperationCode.versions)), ...encoded] },
    ];
    const payloads = commands.map((command, i) =>
      encodeCommand(command, { session, sequence: i + 1, seenThrough: 0 }),
    );
    const replies = payloads.map((payload, i) => {
      const own = Uint8Array.from(payload);
      const reply = state.apply({ ...about, index: 2 + i, kind: EntryKind.command, payload: own });
      const told = hexOf(reply);
      own.fill(0);
      return told;
    });
    const restored_ = new StateMachine();
    await restored_.restore(
      (async function* () {
        for (const chunk of state.snapshot()) {
          // Not its own: a long value is a chunk as it stands in the store.
          const own = Uint8Array.from(chunk);
          yield own;
          own.fill(0);
        }
      })(),
    );
    for (const { query, apply } of [state, restored_].map((each) => ({
      query: (key: string) => each.query(encodeQuery(operation(OperationCode.get, key))) ?? null,
      apply: (payload: Uint8Array) =>
        each.apply({ ...about, index: 99, kind: EntryKind.command, payload: Uint8Array.from(payload) }),
    }))) {
      expect(sizes.map((size) => text(query(`k${size}`)))).to.deep.equal(values.slice(2));
      expect(payloads.map((payload) => hexOf(apply(payload)))).to.deep.equal(replies);
    }
  });
});
