/** What the hash of a trace covers. */
import { expect } from 'chai';
import type { InspectionEvent, StateValue } from 'xstate';
import type { Entry } from '../../../machines/entry.ts';
import { StreamHash } from '../../../runtime/simulation/streamHash.ts';
import { simulate, Trace } from '../../../runtime/testing.ts';
import { recordsOf, roughWeather } from './simulationFaults.ts';

const transition = (actor: string, event: string, value: StateValue) => (trace: Trace) => {
  const inspected = { type: '@xstate.snapshot', actorRef: { systemId: actor }, event: { type: event } };
  // What the trace reads of an inspection event.
  trace.inspected('n1', { ...inspected, snapshot: { value } } as unknown as InspectionEvent);
};
const ascii = (text: string) => new TextEncoder().encode(text);
const message = { type: 'timeoutNow', group: 0, term: 1, from: 'n1' } as const;
const entry: Entry = { index: 1, term: 1, kind: 0, service: 0, payload: ascii('a') };

describe('Trace', () => {
  it('differs in every field of what happened, its time and its order', () => {
    let now = 1;
    const hashOf = (...happen: ((trace: Trace) => void)[]) => {
      const trace = new Trace(() => now);
      for (const one of happen) one(trace);
      return trace.hash();
    };
    const snapshot = { index: 5, term: 1, bytes: ascii('s') };
    const happenings: ((trace: Trace) => void)[] = [
      (trace) => trace.delivered('n1', 'n2', ascii('a'), message),
      (trace) => trace.delivered('n2', 'n1', ascii('a'), message),
      (trace) => trace.delivered('n1', 'n2', ascii('b'), message),
      (trace) => trace.delivered('n1', 'n2', ascii('a\0'), message),
      transition('raft', 'received', 'follower'),
      transition('storage', 'received', 'follower'),
      transition('raft', 'replied', 'follower'),
      transition('raft', 'received', 'candidate'),
      transition('raft', 'received', { follower: 'waiting' }),
      transition('raft', 'received', { follower: 'overdue' }),
      (trace) => trace.durable('n1', {}),
      (trace) => trace.durable('n2', {}),
      (trace) => trace.durable('n1', { hardState: { term: 1, votedFor: null } }),
      (trace) => trace.durable('n1', { hardState: { term: 2, votedFor: null } }),
      (trace) => trace.durable('n1', { hardState: { term: 1, votedFor: 'n1' } }),
      (trace) => trace.durable('n1', { truncateFrom: 1 }),
      (trace) => trace.durable('n1', { snapshot }),
      (trace) => trace.durable('n1', { snapshot: { ...snapshot, bytes: ascii('t') } }),
      (trace) => trace.durable('n1', { entries: { firstIndex: 1, count: 1, bytes: ascii('a') } }),
      (trace) => trace.durable('n1', { entries: { firstIndex: 1, count: 1, bytes: ascii('b') } }),
      (trace) => trace.applied('n1', { type: 'entries', entries: [entry] }),
      (trace) => trace.applied('n2', { type: 'entries', entries: [entry] }),
      (trace) => trace.applied('n1', { type: 'entries', entries: [{ ...entry, index: 2 }] }),
      (trace) => trace.applied('n1', { type: 'entries', entries: [{ ...entry, term: 2 }] }),
      (trace) => trace.applied('n1', { type: 'entries', entries: [{ ...entry, kind: 1 }] }),
      (trace) => trace.applied('n1', { type: 'entries', entries: [{ ...entry, payload: ascii('b') }] }),
      (trace) => trace.applied('n1', { type: 'snapshot', snapshot: { index: 1, term: 1 } }),
      (trace) => trace.applied('n1', { type: 'snapshot', snapshot: { index: 1, term: 2 } }),
      (trace) => trace.lost('n1', {}),
      (trace) => trace.booted('n1'),
      (trace) => trace.crashed('n1'),
      (trace) => trace.roleChanged('n1', 'leader', 1),
      (trace) => trace.roleChanged('n1', 'leader', 2),
      (trace) => trace.roleChanged('n1', 'candidate', 1),
      (trace) => trace.committed('n1', { index: 1, term: 1 }),
      (trace) => trace.committed('n1', { index: 1, term: 2 }),
      (trace) => trace.committed('n1', { index: 2, term: 1 }),
      (trace) => trace.readAsked('n1', 1),
      (trace) => trace.readAnswered('n1', 1, 1),
      (trace) => trace.readAnswered('n1', 1, null),
    ];
    const hashes = happenings.map((happening) => hashOf(happening));
    expect(new Set(hashes).size).to.equal(happenings.length);
    const [first = () => {}, second = () => {}] = happenings;
    expect(hashOf(first, second)).not.to.equal(hashOf(second, first));
    now = 1 + Number.EPSILON;
    expect(hashOf(first), 'a moment later').not.to.equal(hashes[0]);
  });

  it('goes on from an image', () => {
    const whole = new Trace(() => 7);
    whole.delivered('n1', 'n2', ascii('a'), message);
    const rest = new Trace(() => 7);
    rest.restore(structuredClone(whole.image()));
    for (const trace of [whole, rest]) trace.delivered('n2', 'n1', ascii('b'), message);
    expect(rest.hash()).to.equal(whole.hash());
    expect(rest.count).to.equal(2);
  });

  it('tells of messages, transitions, roles, durable writes, what is committed and applied, by names that are the same in every run', async () => {
    const simulation = simulate(roughWeather(3));
    const records = recordsOf(simulation);
    await simulation.run(1500);
    simulation.stop();
    const parsed = records.map((record) => JSON.parse(record));
    const types = [
      'applied',
      'committed',
      'crashed',
      'delivered',
      'durable',
      'roleChanged',
      'sent',
      'transition',
    ];
    expect([...new Set(parsed.map(({ type }) => type))].sort()).to.deep.equal(types);
    const transitions = parsed.filter(({ type }) => type === 'transition');
    const actors = [...new Set<string>(transitions.map(({ actor }) => actor))];
    for (const actor of actors) expect(actor).to.match(/^(root|raft|storage|applier|replicator:n\d)$/);
    expect(actors).to.include.members(['root', 'raft', 'storage', 'applier']);
    const withSessionIds = records.filter((record) => /\bx:\d/.test(record));
    expect(withSessionIds).to.deep.equal([]);
  });
});

describe('StreamHash', () => {
  it('is MurmurHash3 in its first half', () => {
    // The length in front makes the stream that Murmur sees: u32 4, then the four bytes.
    const murmurOf = (bytes: Uint8Array) => new StreamHash().bytes(bytes).digest().slice(0, 8);
    expect(new StreamHash().digest().slice(0, 8), 'of nothing').to.equal('00000000');
    expect(murmurOf(ascii('test'))).to.equal(murmur3([4, 0, 0, 0, ...ascii('test')]));
    expect(murmurOf(ascii('Hello'))).to.equal(murmur3([5, 0, 0, 0, ...ascii('Hello'), 0, 0, 0]));
    // The reference of this test, against a published vector.
    expect(murmur3([...ascii('test')])).to.equal('ba6bd213');
  });

  it('keeps texts apart that are the same when joined', () => {
    const hash = (...texts: string[]) => texts.reduce((all, one) => all.text(one), new StreamHash()).digest();
    expect(hash('ab', 'c')).not.to.equal(hash('a', 'bc'));
    expect(hash('ab', '')).not.to.equal(hash('ab'));
  });

  it('meets no collision among twenty thousand neighbours', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i += 1) {
      const hash = new StreamHash();
      seen.add(
        hash
          .number(i)
          .number(20_000 - i)
          .digest(),
      );
    }
    expect(seen.size).to.equal(20_000);
  });
});

/** MurmurHash3, 32 bits, seed 0, of whole words, with arithmetic of arbitrary size. */
function murmur3(bytes: readonly number[]): string {
  const word = (value: bigint) => BigInt.asUintN(32, value);
  const rotate = (value: bigint, by: bigint) => word((value << by) | (value >> (32n - by)));
  let h = 0n;
  for (let i = 0; i < bytes.length; i += 4) {
    const four = bytes.slice(i, i + 4).reduceRight((all, byte) => all * 256n + BigInt(byte), 0n);
    h ^= word(rotate(word(four * 0xcc9e2d51n), 15n) * 0x1b873593n);
    h = word(rotate(h, 13n) * 5n + 0xe6546b64n);
  }
  h ^= BigInt(bytes.length);
  h = word((h ^ (h >> 16n)) * 0x85ebca6bn);
  h = word((h ^ (h >> 13n)) * 0xc2b2ae35n);
  return (h ^ (h >> 16n)).toString(16).padStart(8, '0');
}
