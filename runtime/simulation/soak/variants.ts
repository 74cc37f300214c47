/**
 * Nodes with one rule broken, each of which the simulator must catch: a check that never fails shows nothing. Guards and
 * actions of the charts are provided anew, or a wrapper lies about the disk.
 */
import { assertEvent, assign } from 'xstate';
import { applierMachine } from '../../../machines/applier.ts';
import type { StoredState } from '../../../machines/ports.ts';
import { raftMachine } from '../../../machines/raft.ts';
import type { CapturableStorage } from '../../capture.ts';
import type { InvariantName } from '../invariants/watcher.ts';
import type { Parts } from '../simulatedNode.ts';
import { type Plan, planOf } from './plan.ts';
import { deposed, overtaken, parted, restless, slowClocks, type Weather } from './weather.ts';

export interface Variant {
  /** What it does that it must not. */
  readonly name: string;
  readonly parts: Parts;
  /** The invariants that show it, whichever is met first. */
  readonly breaks: readonly (InvariantName | 'error')[];
  /** What the plans are bent to, where the drawn ones show it too seldom. */
  readonly weather?: Weather;
  /** One of these seeds shows it. */
  readonly seeds: readonly [from: number, to: number];
}

/** The parts of a node that breaks the rule of that name; without a name, of a sound one. */
export function partsOf(name: string | undefined): Parts {
  return variants.find((variant) => variant.name === name)?.parts ?? {};
}

/** The plan of a seed for that variant; without a name, for a sound node. */
export function planFor(seed: number, nodes?: number, name?: string): Plan {
  const { weather } = variants.find((variant) => variant.name === name) ?? {};
  const plan = planOf(seed, nodes);
  return weather ? weather(plan) : plan;
}

const raft = (provided: Parameters<typeof raftMachine.provide>[0]): Parts => ({
  charts: { raft: raftMachine.provide(provided) },
});

/** A storage that is like the one within but for some of its doings. */
function storage(change: (within: CapturableStorage) => Partial<CapturableStorage>): Parts {
  return {
    wrapStorage: (within) => ({
      recovered: within.recovered,
      write: (group, done) => within.write(group, done),
      snapshot: () => within.snapshot(),
      stageSnapshot: (id) => within.stageSnapshot(id),
      close: () => within.close(),
      resume: (done) => within.resume(done),
      ...change(within),
    }),
  };
}

export const variants: readonly Variant[] = [
  {
    name: 'votes without writing the vote down',
    parts: storage((within) => ({
      write: ({ hardState, ...group }, done) =>
        within.write({ ...group, ...(hardState && { hardState: { ...hardState, votedFor: null } }) }, done),
    })),
    breaks: ['durableBeforeSaid'],
    seeds: [1, 1],
  },
  {
    name: 'asks for votes before its own is durable',
    parts: raft({ guards: { ownVoteIsDurable: () => true } }),
    breaks: ['durableBeforeSaid'],
    seeds: [1, 1],
  },
  {
    name: 'says that a write is durable before it is synced',
    parts: storage((within) => ({
      write(group, done) {
        within.write(group, () => {});
        done();
      },
    })),
    breaks: ['durableBeforeSaid'],
    seeds: [1, 1],
  },
  {
    name: 'sends replies before what they speak of is durable',
    parts: raft({
      guards: { aReplyIsDue: ({ context }) => context.promises.length > 0 },
      actions: {
        sendDueReplies: ({ context }) => {
          for (const { token, reply } of context.promises) context.network.reply(token, reply);
        },
        forgetSentReplies: assign({ promises: [] }),
      },
    }),
    breaks: ['durableBeforeSaid'],
    seeds: [1, 1],
  },
  {
    name: 'counts its own entries before they are durable',
    parts: raft({
      actions: {
        noteMatch: assign(({ context, event }) => {
          assertEvent(event, 'matched');
          const matchIndex = { ...context.matchIndex, [event.peer]: event.matchIndex };
          return { matchIndex, durableIndex: context.log.lastIndex };
        }),
      },
    }),
    breaks: ['committedIsDurable'],
    seeds: [1, 3],
  },
  {
    name: 'commits entries of earlier terms by counting',
    parts: raft({
      guards: {
        aMajorityHoldsMore: ({ context }) => {
          const held = [context.durableIndex, ...Object.values(context.matchIndex)].sort((a, b) => b - a);
          return (held[Math.floor(context.configuration.voters.length / 2)] ?? 0) > context.log.commitIndex;
        },
      },
    }),
    breaks: ['ownTermCommits', 'leaderCompleteness', 'stateMachineSafety'],
    seeds: [1, 5],
  },
  {
    name: 'votes for a candidate whose log is behind',
    parts: raft({ guards: { candidateLogIsBehind: () => false } }),
    breaks: ['leaderCompleteness', 'stateMachineSafety', 'durableStateAdvances'],
    seeds: [1, 8],
  },
  {
    name: 'votes twice in a term',
    parts: raft({ guards: { hasVotedForAnother: () => false } }),
    breaks: ['electionSafety', 'durableStateAdvances'],
    weather: restless,
    seeds: [1, 3],
  },
  {
    name: 'forgets its vote when it restarts',
    parts: storage(({ recovered }) => ({
      recovered: { ...recovered, votedFor: null } satisfies StoredState,
    })),
    breaks: ['durableStateAdvances', 'electionSafety'],
    weather: restless,
    seeds: [1, 3],
  },
  {
    name: 'counts votes of an earlier candidacy',
    parts: raft({
      guards: {
        voteCounts: ({ event }) => {
          assertEvent(event, ['replied.preVote', 'replied.requestVote']);
          return event.reply.voteGranted;
        },
      },
    }),
    breaks: ['electedByMajority', 'electionSafety'],
    weather: restless,
    seeds: [36, 43],
  },
  {
    name: 'takes entries without looking at the one before them',
    parts: raft({
      guards: {
        previousEntryMatches: ({ context, event }) => {
          assertEvent(event, 'appendEntries');
          return event.request.prevLogIndex <= context.log.lastIndex;
        },
      },
    }),
    breaks: ['logMatching', 'leaderCompleteness', 'stateMachineSafety'],
    seeds: [9, 16],
  },
  {
    name: "believes the leader's commit index beyond what it was shown to share",
    parts: raft({
      actions: {
        adoptCommitIndex: ({ context, event }) => {
          assertEvent(event, 'appendEntries');
          const index = Math.min(event.request.leaderCommit, context.log.lastIndex);
          if (index <= context.log.commitIndex) return;
          context.log.commitIndex = index;
          context.streams.committed$.next({ commitIndex: index });
        },
      },
    }),
    breaks: ['stateMachineSafety', 'leaderCompleteness'],
    weather: deposed,
    seeds: [1, 4],
  },
  {
    name: 'lets a truncated write make newer entries durable',
    parts: raft({
      actions: {
        noteDurable: assign(({ context, event }) => {
          assertEvent(event, 'durable');
          const { sequence, lastIndex } = event;
          return { durableSequence: sequence, durableIndex: Math.max(context.durableIndex, lastIndex) };
        }),
      },
    }),
    breaks: ['durableBeforeSaid', 'committedIsDurable'],
    seeds: [1, 12],
  },
  {
    name: 'takes over a snapshot older than what it has',
    parts: raft({ guards: { snapshotIsKnown: () => false, stagedSnapshotIsKnown: () => false } }),
    // The log refuses to drop what is committed, which ends the node.
    breaks: ['durableStateAdvances', 'appliedInOrder', 'logMatching', 'error'],
    weather: overtaken,
    seeds: [2, 6],
  },
  {
    name: 'skips the entry behind a batch',
    parts: {
      charts: {
        applier: applierMachine.provide({
          actions: { noteApplied: assign(({ context }) => ({ lastApplied: context.applyingTo + 1 })) },
        }),
      },
    },
    breaks: ['appliedInOrder'],
    seeds: [1, 1],
  },
  {
    name: 'serves reads before an entry of its own term is committed',
    parts: raft({ guards: { readsCanBeConfirmed: ({ context }) => context.readsWaiting.length > 0 } }),
    breaks: ['linearizableReads'],
    seeds: [1, 10],
  },
  {
    name: 'serves reads without asking a majority',
    parts: raft({ guards: { roundIsConfirmed: () => true } }),
    breaks: ['linearizableReads'],
    weather: deposed,
    seeds: [1, 4],
  },
  {
    name: 'takes one follower that asks for a majority of five',
    parts: raft({ guards: { askingConfirms: () => true } }),
    breaks: ['linearizableReads'],
    weather: parted,
    seeds: [1, 4],
  },
  {
    name: 'believes any read index that a leader once gave it',
    parts: raft({
      guards: {
        readIndexIsGiven: ({ event }) => event.type === 'replied.readIndex' && event.reply.success,
      },
    }),
    breaks: ['linearizableReads'],
    weather: deposed,
    seeds: [1, 4],
  },
  {
    name: 'answers reads of its own where it follows without asking the leader',
    parts: raft({
      actions: {
        askLeaderForReadIndex: ({ context }) =>
          context.streams.readConfirmed$.next({
            tokens: context.readsConfirming.map(({ token }) => token),
            readIndex: context.log.commitIndex,
          }),
      },
    }),
    breaks: ['linearizableReads'],
    weather: deposed,
    seeds: [1, 2],
  },
  {
    name: 'holds a lease for longer than its followers wait',
    parts: raft({
      actions: {
        extendLease: assign(({ context }) => ({
          leaseUntil: context.roundSentAt + 4 * context.options.electionTimeoutMaxMs,
        })),
      },
    }),
    breaks: ['linearizableReads'],
    weather: deposed,
    seeds: [1, 4],
  },
  {
    name: 'has a clock that drifts further than its lease assumes',
    parts: {},
    breaks: ['linearizableReads'],
    weather: slowClocks,
    seeds: [1, 4],
  },
];
