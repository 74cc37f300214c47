/** A vote, an acknowledgement or a candidacy leaves a node only after what it speaks of is durable (paper, figure 2). */
import type { RaftMessage } from 'xstate-raft/machines';
import { lastIndexOf } from './history.ts';
import type { Invariant } from './invariant.ts';

export const durableBeforeSaid: Invariant = (_simulation, history) => ({
  look(record) {
    if (record.type !== 'sent') return undefined;
    const { from, to } = record;
    const message = record.message as RaftMessage; // no services speak in a simulation
    const durable = history.durable(from);
    const holds = (what: string, isDurable: boolean) =>
      isDurable ? undefined : `${from} told ${to} ${what}, which was not durable`;
    const votedFor = (candidate: string) =>
      durable.term > message.term || (durable.term === message.term && durable.votedFor === candidate);
    switch (message.type) {
      case 'requestVote':
        return holds(`that it stands in term ${message.term}`, votedFor(from));
      case 'requestVoteReply':
        return message.voteGranted ? holds(`of its vote in term ${message.term}`, votedFor(to)) : undefined;
      case 'appendEntriesReply': {
        if (!message.success) return undefined;
        const isDurable = durable.term >= message.term && lastIndexOf(durable) >= message.matchIndex;
        return holds(`that it holds entry ${message.matchIndex} in term ${message.term}`, isDurable);
      }
      case 'installSnapshotReply': {
        const index = message.lastIncludedIndex;
        return message.installed
          ? holds(`that it holds snapshot ${index}`, lastIndexOf(durable) >= index)
          : undefined;
      }
      default:
        return undefined;
    }
  },
});
