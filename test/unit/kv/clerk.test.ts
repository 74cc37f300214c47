/** What a clerk does with answers, refusals and silence. */
import { expect } from 'chai';
import { KvError, type Operation, OperationCode, ok, type Reply } from '../../../kv/operation.ts';
import { RequestCarrier } from '../../../kv/requestCarrier.ts';
import { decodeCommand, type Item, ItemKind } from '../../../kv/wire.ts';
import { VirtualClock } from '../../../runtime/clock/virtualClock.ts';
import { virtualScheduling } from '../../../runtime/scheduling.ts';

type Answering = (server: number, items: readonly Item[]) => readonly Reply[] | undefined;

/** A carrier whose servers are a function; they answer at once, from inside the call, unless `delayMs` is given. */
function carrier(answer: Answering, { delayMs = 0, servers = 3, isPatient = true } = {}) {
  const clock = new VirtualClock();
  const made = new RequestCarrier({
    ...{ servers, first: 0, clock, scheduling: virtualScheduling, isPatient },
    placeOf: new Map([0, 1, 2].map((place) => [`n${place}`, place])),
    send: (server, items, done) => {
      const replies = answer(server, items);
      const given = replies && { server: `n${server}`, leader: null, replies };
      if (delayMs > 0) clock.setTimeout(() => done(given), delayMs);
      else done(given);
    },
  });
  return { clock, carrier: made };
}

const put = (value: string | Uint8Array): Operation => ({
  code: OperationCode.put,
  args: [Buffer.from('k'), Buffer.from(value)],
});
const notLeader = new KvError('NotLeader', '');
const never = Number.POSITIVE_INFINITY;

describe('clerk', () => {
  it('loses no session when a server refuses from inside the call, in the middle of a large flush', async () => {
    const { clock, carrier: made } = carrier((server, items) =>
      items.map((item) => {
        if (server !== 2) return notLeader;
        return item.kind === ItemKind.register ? 1 : ok;
      }),
    );
    const done: number[] = [];
    const large = new Uint8Array(1024 * 1024);
    for (const run of [0, 1, 2]) {
      made.submit(made.openSession(), [put(large)], 'write', never, () => done.push(run));
    }
    await clock.run(2000, () => done.length === 3);
    expect(done.sort()).to.deep.equal([0, 1, 2]);
    made.close();
  });

  it('numbers the commands of a session one after another, and a retry as the first time', async () => {
    const sequences: number[][] = [];
    let attempts = 0;
    const { clock, carrier: made } = carrier(
      (_, items) => {
        const [first] = items;
        if (first?.kind === ItemKind.register) return [7];
        sequences.push(items.map(({ body }) => decodeCommand(body).sequence));
        attempts += 1;
        return attempts === 1 ? undefined : items.map(() => ok);
      },
      { delayMs: 1 },
    );
    const replies: (readonly Reply[])[] = [];
    const session = made.openSession();
    made.submit(session, [put('a'), put('b')], 'write', never, (all) => replies.push(all));
    await clock.run(2000, () => replies.length === 1);
    made.submit(session, [put('c')], 'write', never, (all) => replies.push(all));
    await clock.run(4000, () => replies.length === 2);
    expect(sequences).to.deep.equal([[1, 2], [1, 2], [3]]);
    made.close();
  });

  it('begins a new session at 1 when the old one expired in the middle of a run', async () => {
    const stamps: [number, number][] = [];
    let registered = 0;
    const { clock, carrier: made } = carrier(
      (_, items) =>
        items.map((item) => {
          if (item.kind === ItemKind.register) {
            registered += 1;
            return registered * 100;
          }
          const { session, sequence } = decodeCommand(item.body);
          stamps.push([session, sequence]);
          if (session === 100 && sequence > 1) return new KvError('SessionExpired', 'gone');
          return ok;
        }),
      { delayMs: 1 },
    );
    let end: readonly Reply[] | undefined;
    made.submit(made.openSession(), [put('a'), put('b'), put('c')], 'write', never, (all) => {
      end = all;
    });
    await clock.run(1000, () => end !== undefined);
    expect(end).to.deep.equal([ok, ok, ok]);
    expect(stamps).to.deep.equal([
      [100, 1],
      [100, 2],
      [100, 3],
      [200, 1],
      [200, 2],
    ]);
    made.close();
  });

  it('reports commands that an expired session may have executed, and goes on in a new one', async () => {
    const stamps: [number, number][] = [];
    let registered = 0;
    let attempts = 0;
    const { clock, carrier: made } = carrier(
      (_, items) => {
        if (items[0]?.kind !== ItemKind.register) attempts += 1;
        // The answer to the first attempt is lost, and with it whether the commands took effect.
        if (attempts === 1 && items[0]?.kind !== ItemKind.register) return undefined;
        return items.map((item) => {
          if (item.kind === ItemKind.register) {
            registered += 1;
            return registered * 100;
          }
          const { session, sequence } = decodeCommand(item.body);
          stamps.push([session, sequence]);
          return session === 100 ? new KvError('SessionExpired', 'gone') : ok;
        });
      },
      { delayMs: 1 },
    );
    const ends: (readonly Reply[])[] = [];
    const session = made.openSession();
    made.submit(session, [put('a'), put('b')], 'write', never, (all) => ends.push(all));
    made.submit(session, [put('c')], 'write', never, (all) => ends.push(all));
    await clock.run(2000, () => ends.length === 2);
    expect(ends[0]?.map((reply) => (reply as KvError).code)).to.deep.equal([
      'SessionExpired',
      'SessionExpired',
    ]);
    expect(ends[0]?.map(String).join()).to.match(/may or may not have taken effect/);
    expect(ends[1]).to.deep.equal([ok]);
    // Never in another session than the first time.
    expect(stamps).to.deep.equal([
      [100, 1],
      [100, 2],
      [200, 1],
    ]);
    made.close();
  });

  it('says what it has seen, and sends what the server keeps no more replies for again', async () => {
    const rounds: [sequences: number[], seenThrough: number][] = [];
    const { clock, carrier: made } = carrier(
      (_, items) => {
        if (items[0]?.kind === ItemKind.register) return [5];
        const stamps = items.map(({ body }) => decodeCommand(body));
        rounds.push([stamps.map(({ sequence }) => sequence), stamps[0]?.seenThrough ?? -1]);
        return stamps.map((_stamp, at) => {
          if (at < 2) return ok;
          return at === 2 ? new KvError('RepliesUnseen', 'full') : new KvError('SequenceGap', 'behind it');
        });
      },
      { delayMs: 1 },
    );
    let end: readonly Reply[] | undefined;
    made.submit(
      made.openSession(),
      [put('a'), put('b'), put('c'), put('d'), put('e')],
      'write',
      never,
      (all) => {
        end = all;
      },
    );
    await clock.run(2000, () => end !== undefined);
    expect(end).to.deep.equal([ok, ok, ok, ok, ok]);
    expect(rounds).to.deep.equal([
      [[1, 2, 3, 4, 5], 0],
      [[3, 4, 5], 2],
      [[5], 4],
    ]);
    made.close();
  });

  it('asks a new leader at once, without waiting for a server that hangs', async () => {
    const asked: number[] = [];
    const clock = new VirtualClock();
    const made = new RequestCarrier({
      ...{ servers: 2, first: 0, clock, scheduling: virtualScheduling, isPatient: false },
      placeOf: new Map([
        ['n0', 0],
        ['n1', 1],
      ]),
      send: (server, items, done) => {
        asked.push(server);
        if (server === 1) done({ server: 'n1', leader: 'n1', replies: items.map(() => null) });
      },
    });
    let answeredAt = never;
    made.submit(
      made.openSession(),
      [{ code: OperationCode.get, args: [Buffer.from('k')] }],
      'read',
      never,
      () => {
        answeredAt = clock.now();
      },
    );
    await clock.run(50);
    made.heardLeader('n1');
    await clock.run(200, () => answeredAt !== never);
    expect(asked).to.deep.equal([0, 1]);
    expect(answeredAt).to.be.below(60);
    made.close();
  });

  it('leaves a query to the leader where the nearest server refuses it, or does not answer', async () => {
    for (const silence of [undefined, [notLeader]]) {
      const asked: [server: number, kind: ItemKind | undefined][] = [];
      const clock = new VirtualClock();
      const made = new RequestCarrier({
        ...{ servers: 2, first: 0, nearest: 1, clock, scheduling: virtualScheduling, isPatient: false },
        placeOf: new Map(),
        send: (server, items, done) => {
          asked.push([server, items[0]?.kind]);
          if (server === 0) done({ server: 'n0', leader: 'n0', replies: [null] });
          else if (silence) done({ server: 'n1', leader: null, replies: silence });
        },
      });
      let answered = false;
      const get = { code: OperationCode.get, args: [Buffer.from('k')] };
      made.submit(made.openSession(), [get], 'read', never, () => {
        answered = true;
      });
      await clock.run(3000, () => answered);
      expect(asked).to.deep.equal([
        [1, ItemKind.memberQuery],
        [0, ItemKind.query],
      ]);
      made.close();
    }
  });

  it('gives up at the deadline, and says that the command may have taken effect', async () => {
    const { clock, carrier: made } = carrier(() => undefined, { delayMs: 5 });
    let end: readonly Reply[] = [];
    made.submit(made.openSession(), [put('a')], 'write', 500, (all) => {
      end = all;
    });
    await clock.run(1000, () => end.length > 0);
    expect((end[0] as KvError).code).to.equal('Timeout');
    expect(clock.now()).to.be.within(500, 700);
    made.close();
  });

  it('passes overload on where it is not patient, and the number is used again', async () => {
    const sequences: number[] = [];
    let overloaded = true;
    const { clock, carrier: made } = carrier(
      (_, items) =>
        items.map((item) => {
          if (item.kind === ItemKind.register) return 5;
          sequences.push(decodeCommand(item.body).sequence);
          return overloaded ? new KvError('Overloaded', 'later') : ok;
        }),
      { delayMs: 1, isPatient: false },
    );
    const ends: Reply[] = [];
    const session = made.openSession();
    made.submit(session, [put('a')], 'write', never, ([reply]) => ends.push(reply ?? null));
    await clock.run(1000, () => ends.length === 1);
    overloaded = false;
    made.submit(session, [put('b')], 'write', never, ([reply]) => ends.push(reply ?? null));
    await clock.run(2000, () => ends.length === 2);
    expect((ends[0] as KvError).code).to.equal('Overloaded');
    expect(ends[1]).to.deep.equal(ok);
    expect(sequences).to.deep.equal([1, 1]);
    made.close();
  });
});
