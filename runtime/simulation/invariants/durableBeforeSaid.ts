/** A vote, an acknowledgement or a candidacy leaves a node only after what it speaks of is durable (paper, figure 2). */
import type { RaftMessage } from '../../../machines/messages.ts';
import { type Durable, lastIndexOf } from './history.ts';
import type { Invariant } from './invariant.ts';

export const durableBeforeSaid: Invariant = (_simulation, history) => ({
  look(record) {
    if (record.type !== 'sent') return undefined;
    const { from, to } = record;
    const message = record.message as RaftMessage; // no services speak in a simulation
    const durable = history.durable(from);
    const early = (what: string) => `${from} told ${to} ${what}, which was not durable`;
    switch (message.type) {
      case 'requestVote':
        return votedFor(durable, message.term, from)
          ? undefined
          : early(`that it stands in term ${message.term}`);
      case 'requestVoteReply':
        return !message.voteGranted || votedFor(durable, message.term, to)
          ? undefined
          : early(`of its vote in term ${message.term}`);
      case 'appendEntriesReply': {
        const { success, term, matchIndex } = message;
        return !success || (durable.term >= term && lastIndexOf(durable) >= matchIndex)
          ? undefined
          : early(`that it holds entry ${matchIndex} in term ${term}`);
      }
      case 'installSnapshotReply': {
        const { installed, lastIncludedIndex: index } = message;
        return !installed || lastIndexOf(durable) >= index
          ? undefined
          : early(`that it holds snapshot ${index}`);
      }
      default:
        return undefined;
    }
  },
});

function votedFor(durable: Durable, term: number, candidate: string): boolean {
  return durable.term > term || (durable.term === term && durable.votedFor === candidate);
}
