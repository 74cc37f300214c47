/** Log time: the greater of the entry before and the stamp of the leader, the same wherever an entry is applied. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { KvServing } from '../../../kv/kvServing.ts';
import { KvError, OperationCode } from '../../../kv/operation.ts';
import { OwnCommand } from '../../../kv/ownItems.ts';
import { StateMachine } from '../../../kv/stateMachine.ts';
import { decodeEntryHeader, encodeCommand, encodeTick, ItemKind, stampCommand } from '../../../kv/wire.ts';
import { EntryKind, type Payload } from '../../../machines/entry.ts';
import type { Storage } from '../../../machines/ports.ts';
import type { RaftNode } from '../../../runtime/raftNode.ts';
import { Applied, operation } from './applied.ts';

const put = operation(OperationCode.put, 'k', 'v');

describe('log time', () => {
  it('is the stamp of the entry, and stands where the stamp is behind', () => {
    const applied = new Applied();
    const times = [5000, 4000, 4999, 5001].map((clock) => {
      applied.clock = clock;
      applied.tick();
      return applied.state.time;
    });
    expect(times).to.deep.equal([5000, 5000, 5000, 5001]);
  });

  it('passes with a command, a registration and a tick alike, and with none that cannot be read', () => {
    const applied = new Applied(10);
    const session = applied.register();
    expect(applied.state.time).to.equal(10);
    applied.clock = 20;
    applied.run(session, 1, put);
    expect(applied.state.time).to.equal(20);
    applied.clock = 30;
    applied.tick();
    expect(applied.state.time).to.equal(30);
    const payload = encodeTick(99);
    payload[0] = 77;
    expect(
      applied.state.apply({ index: 9, term: 1, kind: EntryKind.command, service: 1, payload }),
    ).to.be.instanceOf(KvError);
    expect(applied.state.time).to.equal(30);
  });

  it('passes with a command that has no effect of its own', () => {
    const applied = new Applied(10);
    applied.run(77, 1, put);
    expect(applied.state.time).to.equal(10);
  });

  it('is in every snapshot', async () => {
    const before = new Applied(1_700_000_000_123);
    before.tick();
    const after = new Applied();
    await after.state.restore(streamOfOne(before));
    expect(after.state.time).to.equal(1_700_000_000_123);
    after.clock = 5;
    after.tick();
    expect(after.state.time, 'after a stamp that is behind').to.equal(1_700_000_000_123);
  });

  it('is stamped by the leader when it proposes, whatever the client wrote', () => {
    const stamps: number[] = [];
    let now = 1000;
    const serving = new KvServing({
      ...{
        id: 'n1',
        state: new StateMachine(),
        maxLogBytes: -1,
        timeOfDay: () => now,
        sessionIdleMsMax: 1000,
      },
      node: {
        propose: (payload: Uint8Array | Payload) => {
          stamps.push(decodeEntryHeader(written(payload)).proposedAt);
          return { index: stamps.length, term: 1, isLeader: true };
        },
      } as unknown as RaftNode, // of the node, a proposal uses this alone
      storage: {} as Storage,
      reply: () => {},
    });
    const body = encodeCommand(put, { session: 1, sequence: 1, seenThrough: 0 });
    body[7] = 255;
    serving.take(1, [{ kind: ItemKind.register, body: new Uint8Array(0) }], 'n1');
    now = 2000.75;
    serving.take(2, [{ kind: ItemKind.command, body }], 'n1');
    now = Number.NaN;
    serving.take(3, [{ kind: ItemKind.command, body }], 'n1');
    expect(stamps).to.deep.equal([1000, 2000, 0]);
  });

  it('is stamped alike on what the clerk of the own node asks, whose entry is that of any other clerk', () => {
    const stamp = { session: 2 ** 40 + 1, sequence: 2 ** 33 + 2, seenThrough: 3 };
    const command = new OwnCommand(put, stamp);
    const encoded = encodeCommand(put, stamp);
    expect(command.body).to.deep.equal(encoded);
    let proposed: Uint8Array | undefined;
    const serving = new KvServing({
      ...{
        id: 'n1',
        state: new StateMachine(),
        maxLogBytes: -1,
        timeOfDay: () => 7e11,
        sessionIdleMsMax: 1000,
      },
      node: {
        propose: (payload: Payload) => {
          proposed = written(payload);
          return { index: 1, term: 1, isLeader: true };
        },
      } as unknown as RaftNode, // as above
      storage: {} as Storage,
      reply: () => {},
    });
    serving.take(1, [command], 'n1');
    stampCommand(encoded, 7e11);
    expect(proposed).to.deep.equal(new Uint8Array(encoded));
  });

  it('is not asked for what is no command: that is refused, and nothing is proposed', () => {
    let answer: readonly unknown[] = [];
    const serving = new KvServing({
      ...{ id: 'n1', state: new StateMachine(), maxLogBytes: -1, timeOfDay: () => 1, sessionIdleMsMax: 1000 },
      node: {} as unknown as RaftNode, // must not be called
      storage: {} as Storage,
      reply: (_, { replies }) => {
        answer = replies;
      },
    });
    serving.take(1, [{ kind: ItemKind.command, body: new Uint8Array(7) }], 'n1');
    expect(answer[0]).to.be.instanceOf(KvError).and.include({ code: 'Err' });
  });

  it('is told by no clock of a replica: the time of day comes in at the edges alone', () => {
    const folder = new URL('../../../kv/', import.meta.url);
    const askers = readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /\bDate\b|performance\.now/.test(readFileSync(new URL(file, folder), 'utf8')));
    expect(askers.sort()).to.deep.equal(['kvNode.ts', 'startKvServer.ts']);
  });
});

function written(payload: Uint8Array | Payload): Uint8Array {
  const bytes = new Uint8Array(payload.byteLength);
  if (payload instanceof Uint8Array) bytes.set(payload);
  else payload.writeTo(bytes, 0);
  return bytes;
}

async function* streamOfOne(applied: Applied) {
  yield* applied.state.snapshot();
}
