/** Messages as bytes and back. */
import { expect } from 'chai';
import fc from 'fast-check';
import { decode, encode, MalformedMessage, type Message } from '../../../runtime/codec.ts';
import { block } from './nodeHarness.ts';

const index = fc.nat({ max: 2 ** 31 - 1 }).map((n) => n * 65_536 + (n % 65_536));
const id = fc.string({ minLength: 1, maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 200 });
const common = { group: fc.nat(65_535), term: index, from: id };

const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('preVote' as const), ...common, lastLogIndex: index, lastLogTerm: index }),
  fc.record({ type: fc.constant('preVoteReply' as const), ...common, voteGranted: fc.boolean() }),
  fc.record({
    ...{ type: fc.constant('requestVote' as const), ...common, lastLogIndex: index, lastLogTerm: index },
    leadershipTransfer: fc.boolean(),
  }),
  fc.record({ type: fc.constant('requestVoteReply' as const), ...common, voteGranted: fc.boolean() }),
  fc
    .record({
      ...{
        type: fc.constant('appendEntries' as const),
        ...common,
        prevLogIndex: fc.nat(1e9),
        prevLogTerm: index,
      },
      ...{ leaderCommit: index, round: index, terms: fc.array(fc.constant(7), { maxLength: 4 }) },
    })
    .map(({ terms, ...rest }) => ({ ...rest, entries: block(rest.prevLogIndex + 1, terms) })),
  fc.record({
    ...{
      type: fc.constant('appendEntriesReply' as const),
      ...common,
      success: fc.boolean(),
      matchIndex: index,
    },
    ...{ conflictIndex: index, conflictTerm: index, round: index },
  }),
  fc.record({
    ...{ type: fc.constant('installSnapshot' as const), ...common, lastIncludedIndex: index },
    ...{ lastIncludedTerm: index, offset: index, data: bytes, done: fc.boolean() },
  }),
  fc.record({
    ...{ type: fc.constant('installSnapshotReply' as const), ...common, lastIncludedIndex: index },
    ...{ offset: index, installed: fc.boolean() },
  }),
  fc.record({
    ...{
      type: fc.constant('serviceRequest' as const),
      group: fc.nat(65_535),
      service: fc.nat(65_535),
      body: bytes,
    },
  }),
  fc.record({
    ...{
      type: fc.constant('serviceReply' as const),
      group: fc.nat(65_535),
      service: fc.nat(65_535),
      body: bytes,
    },
  }),
);

/** Views of a larger buffer compare as what they show. */
const plain = (message: Message) =>
  JSON.parse(JSON.stringify(message, (_, value) => (value instanceof Uint8Array ? [...value] : value)));

describe('codec', () => {
  it('gives every message back', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(plain(decode(encode(message)))).to.deep.equal(plain(message));
      }),
    );
  });

  it('answers garbage with MalformedMessage and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, messages.map(encode)), fc.nat(), fc.nat(255), (sound, at, value) => {
        const garbage = sound.slice();
        if (garbage.length > 0) garbage[at % garbage.length] = value;
        try {
          decode(garbage);
        } catch (error) {
          expect(error).to.be.instanceOf(MalformedMessage);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('says what is wrong, and with which value', () => {
    expect(() => decode(Uint8Array.of(9, 1, 0, 0))).to.throw('Message format 9 is not known');
    expect(() => decode(Uint8Array.of(1, 99, 0, 0))).to.throw('Message tag 99 is not known');
    const vote = { type: 'preVoteReply', group: 0, term: 1, from: '', voteGranted: true } as const;
    expect(() => encode(vote)).to.throw('A preVoteReply message has "" as its from');
  });
});
