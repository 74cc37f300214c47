/**
 * Who leads, whom to vote for, what is committed: the consensus module of one node (paper, figures 2 and 4), with
 * pre-vote, check-quorum and the read index of Ongaro's dissertation (sections 9.6, 6.2 and 6.4).
 *
 * A request comes in as `received.<type>`. Its term is looked at first; once it is known to be of the current term it is
 * considered under its own name, and the role decides. A reply is promised, and leaves when what it speaks of is durable.
 */
import { assertEvent, enqueueActions, raise, sendTo, setup } from 'xstate';
import type { ApplierEvent } from './applier.ts';
import { assignAll } from './assignAll.ts';
import { othersIn } from './configuration.ts';
import { confirmationPatienceMs } from './limits.ts';
import { msUntil } from './ports.ts';
import { raftChanges, raftEffects, raftWrites } from './raft.actions.ts';
import type { Considered, RaftContext, RaftEvent, RaftInput } from './raft.context.ts';
import { raftGuards } from './raft.guards.ts';
import { replicatorMachine } from './replicator.ts';
import type { WriteRequested } from './storage.ts';

export const raftMachine = setup({
  types: { context: {} as RaftContext, events: {} as RaftEvent, input: {} as RaftInput },
  actors: { replicator: replicatorMachine },
  guards: raftGuards,
  delays: {
    /** Until a leader should have been heard: random anew after each sign of one (paper, section 5.2). */
    untilElectionDeadline: ({ context }) => msUntil(context.electionDeadline, context.clock),
    /** One election timeout: by then another leads, or will not (dissertation, section 3.10). */
    transferTimeout: ({ context }) => context.options.electionTimeoutMaxMs,
    /** One heartbeat: what was not answered by then is asked again (paper, section 5.1). */
    retransmissionTime: ({ context }) => context.options.heartbeatMs,
    /** A peer that was asked has had time to answer; when all have been, as long as for any other request. */
    confirmationPatience: ({ context: { roundAsked, configuration, options } }) =>
      roundAsked.length < configuration.voters.length - 1 ? confirmationPatienceMs : options.heartbeatMs,
    /** One election timeout after the last count of those who answered (dissertation, section 6.2). */
    untilQuorumCheck: ({ context }) => msUntil(context.quorumDeadline, context.clock),
  },
  actions: {
    ...raftEffects,
    ...assignAll(raftChanges),

    /** The request is looked at again, under its own name, after its term has been dealt with. */
    consider: raise(({ event }) => {
      if (!('request' in event)) throw new Error(`${event.type} carries no request to consider`);
      return { ...event, type: event.request.type } as Considered; // a Received differs in its name alone
    }),
    /** The term and the vote, on the way to the disk. */
    storeHardState: sendTo(({ system }) => system.get('storage'), raftWrites.storeHardState),
    /** The service's snapshot, on the way to the disk. */
    storeSnapshot: sendTo(({ system }) => system.get('storage'), raftWrites.storeSnapshot),
    /** The service takes it over in place of what it knew (paper, figure 13, step 8). */
    handSnapshotToService: sendTo(
      ({ system }) => system.get('applier'),
      ({ context }) => ({ type: 'snapshotReceived', index: context.installing?.index ?? 0 }),
    ),
    /** Paper, figure 2, AppendEntries, steps 3 and 4. The leader's word replaces what conflicts with it. */
    storeEntries: enqueueActions(({ context, event, enqueue, system }) => {
      assertEvent(event, 'appendEntries');
      const { log, durableIndex } = context;
      const missing = log.missingFrom(event.request.entries);
      if (!missing) return;
      const sequence = context.askedSequence + 1;
      const truncateFrom = missing.firstIndex <= log.lastIndex ? missing.firstIndex : undefined;
      if (truncateFrom !== undefined) log.truncateFrom(truncateFrom);
      log.appendBlock(missing);
      enqueue.assign({
        askedSequence: sequence,
        ...(truncateFrom !== undefined && {
          truncatedSequence: sequence,
          durableIndex: Math.min(durableIndex, truncateFrom - 1),
        }),
      });
      const write: WriteRequested = {
        ...{ type: 'writeRequested', sequence, lastIndex: log.lastIndex },
        ...(truncateFrom !== undefined && { truncateFrom }),
      };
      enqueue.sendTo(system.get('storage'), write);
    }),
    /** Paper, figure 13, steps 6 and 7: what follows the snapshot stays if it continues it, else the snapshot is all. */
    replaceLog: enqueueActions(({ context, event, enqueue, system }) => {
      assertEvent(event, 'chunkStaged');
      const { log, askedSequence, durableIndex } = context;
      const { snapshot } = event;
      const sequence = askedSequence + 1;
      const continues = log.termAt(snapshot.index) === snapshot.term;
      // Of the log that is gone only what its own snapshot stood for is durable still; the new one is not yet.
      const stillDurable = Math.min(durableIndex, log.snapshotIndex);
      log.compactTo(snapshot);
      enqueue.assign({
        askedSequence: sequence,
        ...(!continues && {
          truncatedSequence: sequence,
          durableIndex: stillDurable,
        }),
      });
      const write: WriteRequested = {
        ...{ type: 'writeRequested', sequence, lastIndex: log.lastIndex, snapshot },
        ...(!continues && { truncateFrom: snapshot.index + 1 }),
      };
      enqueue.sendTo(system.get('storage'), write);
      const expected: ApplierEvent = { type: 'snapshotExpected', index: snapshot.index };
      enqueue.sendTo(system.get('applier'), expected);
    }),
    /** One actor for each other member, which lives while this node leads. */
    startReplicators: enqueueActions(({ context, enqueue }) => {
      const { me, group, term, termStart, log, clock, network, streams, options } = context;
      for (const peer of othersIn(context.configuration, me)) {
        const id = `replicator:${peer}`;
        const input = { me, group, peer, term, nextIndex: termStart, log, clock, network, streams };
        enqueue.spawnChild('replicator', {
          ...{ id, systemId: id },
          input: { ...input, heartbeatMs: options.heartbeatMs },
        });
      }
    }),
    /** With leadership they end. */
    stopReplicators: enqueueActions(({ context, enqueue }) => {
      for (const peer of othersIn(context.configuration, context.me)) enqueue.stopChild(`replicator:${peer}`);
    }),
    /** The heartbeats of this round tell who still follows (dissertation, section 6.4). */
    askForConfirmation: enqueueActions(({ context, enqueue }) => {
      for (const peer of context.roundAsked) {
        enqueue.sendTo(`replicator:${peer}`, { type: 'confirmationAsked', round: context.round });
      }
    }),

    // Provided by the runtime.
    /** Answers with socketsRead once the event loop has turned. */
    readSocketsOnce: () => {},
    /** Answers with chunkStaged. */
    stageChunk: () => {},
    /** A replicator that is stopped leaves no state, and so cannot do it. */
    releaseSnapshots: () => {},
  },
}).createMachine({
  id: 'raft',
  description: 'Who leads, whom to vote for, what is committed.',
  context: ({ input }) => ({
    ...input,
    leader: null,
    // A node that restarts has forgotten whether it heard one just before; where leases rest on that, it counts as heard.
    leaderHeardAt: input.options.leaseReads ? input.clock.now() : Number.NEGATIVE_INFINITY,
    electionDeadline: 0,
    stay: 0,
    leadershipTransfer: false,
    votes: [],
    refusals: [],
    askedSequence: 0,
    hardStateSequence: 0,
    truncatedSequence: 0,
    durableSequence: 0,
    durableIndex: input.log.lastIndex,
    promises: [],
    installing: null,
    commitIndex: input.log.commitIndex,
    termStart: 0,
    matchIndex: {},
    answeredAt: {},
    quorumDeadline: 0,
    transferTo: null,
    timeoutNowSent: false,
    round: 0,
    answeredRound: {},
    roundAsked: [],
    answerMs: {},
    readsWaiting: [],
    readsConfirming: [],
    readIndex: 0,
    roundSentAt: 0,
    leaseUntil: Number.NEGATIVE_INFINITY,
    leaseIsGivenUp: false,
  }),
  always: [
    // Durable before said: the one place where replies leave that speak of a term, a vote or entries.
    { guard: 'aReplyIsDue', actions: ['sendDueReplies', 'forgetSentReplies'] },
    { guard: 'installedSnapshotIsDurable', actions: ['handSnapshotToService', 'forgetInstalling'] },
  ],
  on: {
    // Term first: a higher term makes any role a follower of it before the request is looked at.
    'received.*': [
      {
        guard: 'termMustBeAdopted',
        target: '.follower',
        actions: ['adoptTerm', 'storeHardState', 'consider'],
      },
      { guard: 'termIsLower', actions: 'refuse' },
      { actions: 'consider' },
    ],
    'replied.*': {
      guard: 'replyTermIsHigher',
      target: '.follower',
      actions: ['adoptTermOfReply', 'storeHardState'],
    },
    higherTermSeen: {
      guard: 'seenTermIsHigher',
      target: '.follower',
      actions: ['adoptSeenTerm', 'storeHardState'],
    },

    preVote: [
      { guard: 'leaderIsAlive', actions: 'refuse' },
      { guard: 'hasVotedForAnother', actions: 'refuse' },
      { guard: 'candidateLogIsBehind', actions: 'refuse' },
      { actions: 'grantPreVote' },
    ],
    requestVote: [
      { guard: 'leaderIsAlive', actions: 'refuse' },
      { guard: 'hasVotedForAnother', actions: 'refuse' },
      { guard: 'candidateLogIsBehind', actions: 'refuse' },
      { target: '.follower', actions: ['grantVote', 'storeHardState'] },
    ],
    appendEntries: { actions: 'refuse' },
    installSnapshot: { actions: 'refuse' },
    timeoutNow: { actions: 'refuse' },
    readIndex: { actions: 'refuse' },
    chunkStaged: { actions: ['acknowledgeChunk', 'discardSnapshot'] },

    durable: { actions: 'noteDurable' },
    readIndexRequested: { actions: 'refuseRead' },
    snapshotTaken: [
      { guard: 'snapshotIsNewer', actions: ['compactLog', 'noteSnapshotWrite', 'storeSnapshot'] },
      { actions: 'discardSnapshot' },
    ],
  },
  initial: 'follower',
  states: {
    follower: {
      description: 'Hears a leader, or votes for one.',
      entry: 'setElectionDeadline',
      exit: ['refuseReads', 'forgetReads'],
      on: {
        // Already a follower: the new term alone is no reason to wait longer for a leader.
        'received.*': { guard: 'termMustBeAdopted', actions: ['adoptTerm', 'storeHardState', 'consider'] },
        appendEntries: [
          {
            guard: 'previousEntryMatches',
            actions: [
              'hearLeader',
              'storeEntries',
              'adoptCommitIndex',
              'noteCommitIndex',
              'acknowledgeEntries',
            ],
          },
          { actions: ['hearLeader', 'refuseEntries'] },
        ],
        installSnapshot: [
          { guard: 'snapshotIsKnown', actions: ['hearLeader', 'acknowledgeKnownSnapshot'] },
          { actions: ['hearLeader', 'stageChunk'] },
        ],
        chunkStaged: [
          { guard: 'chunkIsOfAnotherTerm', actions: ['acknowledgeChunk', 'discardSnapshot'] },
          { guard: 'stagedSnapshotIsKnown', actions: ['acknowledgeKnownSnapshot', 'discardSnapshot'] },
          { guard: 'snapshotIsComplete', actions: ['replaceLog', 'noteInstalling', 'acknowledgeSnapshot'] },
          { actions: 'acknowledgeChunk' },
        ],
        timeoutNow: [
          { guard: 'isNoVoter', actions: 'refuse' },
          { target: 'candidate', actions: ['acknowledgeTimeoutNow', 'noteTransfer'] },
        ],
      },
      type: 'parallel',
      states: {
        patience: {
          description: 'How long it waits for a leader before it would be one.',
          initial: 'waiting',
          states: {
            waiting: {
              description: 'The leader has been heard, or a vote granted, within the election timeout.',
              after: {
                untilElectionDeadline: [
                  { guard: 'deadlineHasMoved', target: 'waiting', reenter: true },
                  { guard: 'isNoVoter', target: 'waiting', reenter: true, actions: 'setElectionDeadline' },
                  { guard: 'timerIsLate', target: 'overdue' },
                  { guard: 'asksBeforeStanding', target: '#raft.preCandidate' },
                  { target: '#raft.candidate' },
                ],
              },
            },
            overdue: {
              description:
                'The timer fired late: a word of the leader may lie in a socket that was not read yet.',
              entry: 'readSocketsOnce',
              on: {
                socketsRead: [
                  { guard: 'deadlineHasMoved', target: 'waiting' },
                  { guard: 'asksBeforeStanding', target: '#raft.preCandidate' },
                  { target: '#raft.candidate' },
                ],
              },
            },
          },
        },
        reads: {
          description:
            'Its own service reads here: the leader says from which index on (dissertation, section 6.4).',
          initial: 'none',
          states: {
            none: {
              description: 'Nobody waits for a read index.',
              always: { guard: 'readsWait', target: 'asking', actions: 'beginAsking' },
              on: { readIndexRequested: { guard: 'leaderIsKnown', actions: 'queueRead' } },
            },
            asking: {
              description:
                'Asks the leader, one time for all reads that wait; those that come now wait for the next.',
              entry: 'askLeaderForReadIndex',
              on: {
                readIndexRequested: { actions: 'queueRead' },
                'replied.readIndex': [
                  {
                    guard: 'readIndexIsGiven',
                    target: 'none',
                    actions: ['passReadIndexOn', 'forgetConfirmedReads'],
                  },
                  { guard: 'readIndexIsRefused', target: 'none', actions: ['refuseReads', 'forgetReads'] },
                ],
              },
              after: { retransmissionTime: { target: 'asking', reenter: true } },
            },
          },
        },
      },
    },

    preCandidate: {
      description: 'Asks whether it would be elected, before it disturbs anyone with a higher term.',
      entry: ['forgetLeader', 'beginPreCandidacy'],
      always: { guard: 'hasMajorityOfVotes', target: 'candidate' },
      on: {
        'replied.preVote': { guard: 'voteCounts', actions: 'countVote' },
        appendEntries: { target: 'follower', actions: 'consider' },
        installSnapshot: { target: 'follower', actions: 'consider' },
      },
      initial: 'asking',
      states: {
        asking: {
          description: 'Asks whoever has not said yes, again and again: a request or its answer may be lost.',
          entry: 'requestPreVotes',
          after: { retransmissionTime: { target: 'asking', reenter: true } },
        },
      },
    },

    candidate: {
      description: 'Stands for election in a term of its own.',
      entry: ['setElectionDeadline', 'standForElection', 'storeHardState'],
      exit: 'forgetTransfer',
      on: {
        appendEntries: { target: 'follower', actions: 'consider' },
        installSnapshot: { target: 'follower', actions: 'consider' },
      },
      after: {
        untilElectionDeadline: [
          { guard: 'asksBeforeStanding', target: 'preCandidate' },
          { target: 'candidate', reenter: true },
        ],
      },
      initial: 'voting',
      states: {
        voting: {
          description: 'Its own vote is being made durable; until then it neither counts nor asks.',
          always: { guard: 'ownVoteIsDurable', target: 'canvassing' },
        },
        canvassing: {
          description: 'Collects votes.',
          entry: 'countOwnVote',
          always: { guard: 'hasMajorityOfVotes', target: '#raft.leader' },
          on: {
            'replied.requestVote': [
              { guard: 'voteCounts', actions: 'countVote' },
              { guard: 'voteIsRefused', actions: 'noteRefusal' },
            ],
          },
          initial: 'asking',
          states: {
            asking: {
              description: 'Asks whoever has not answered yet (paper, section 5.1: RPCs are retried).',
              entry: 'requestVotes',
              after: { retransmissionTime: { target: 'asking', reenter: true } },
            },
          },
        },
      },
    },

    leader: {
      description: 'Takes proposals, replicates them and says what is committed.',
      // The peers are known when it is elected: one replicator for each.
      meta: { spawns: 'replicator' },
      entry: ['beginTerm', 'openProposals'],
      exit: [
        'closeProposals',
        'stopReplicators',
        'releaseSnapshots',
        'refuseReads',
        'forgetReads',
        'forgetLeader',
      ],
      always: { guard: 'aMajorityHoldsMore', actions: ['advanceCommitIndex', 'noteCommitIndex'] },
      on: {
        matched: { guard: 'isOfThisTerm', actions: 'noteMatch' },
        readIndexRequested: { actions: 'queueRead' },
        readIndex: [{ guard: 'askingConfirms', actions: 'answerAsker' }, { actions: 'queueRead' }],
      },
      type: 'parallel',
      states: {
        authority: {
          description: 'How far the leader may speak for the cluster.',
          initial: 'opening',
          states: {
            opening: {
              description: 'The term is opened, with an entry of its own where that is wanted.',
              always: [
                {
                  guard: 'opensTermWithNoop',
                  target: 'unconfirmed',
                  actions: ['appendNoop', 'startReplicators'],
                },
                { target: 'unconfirmed', actions: 'startReplicators' },
              ],
            },
            unconfirmed: {
              description:
                'Nothing of this term is committed yet: what is committed is not fully known (section 5.4.2).',
              always: { guard: 'entryOfThisTermIsCommitted', target: 'established' },
              on: {
                // A read never waits for a client to write something.
                readIndexRequested: [
                  { guard: 'termHasNoEntry', actions: ['queueRead', 'appendNoop'] },
                  { actions: 'queueRead' },
                ],
                readIndex: [
                  { guard: 'termHasNoEntry', actions: ['queueRead', 'appendNoop'] },
                  { actions: 'queueRead' },
                ],
              },
            },
            established: {
              description: 'An entry of this term is committed, and all before it.',
              // Without a round, where that is wanted (dissertation, section 6.4.1).
              always: {
                guard: 'readsWaitUnderALease',
                actions: ['answerWaitingReads', 'forgetWaitingReads'],
              },
              on: {
                transferAsked: {
                  guard: 'targetIsAnotherVoter',
                  target: 'transferring',
                  actions: 'noteTransferTarget',
                },
              },
            },
            transferring: {
              description:
                'Takes no proposals until another leads, or has failed to (dissertation, section 3.10).',
              entry: 'closeProposals',
              exit: 'forgetTransferTarget',
              // The target's election will not wait until a lease is over, whenever the word to stand arrives.
              always: {
                guard: 'targetIsUpToDate',
                actions: ['giveUpLease', 'sendTimeoutNow', 'noteTimeoutNowSent'],
              },
              after: { transferTimeout: { target: 'established', actions: 'openProposals' } },
            },
          },
        },
        reads: {
          description:
            'That it still leads is confirmed by a majority, a round for all reads that wait (dissertation, section 6.4).',
          initial: 'none',
          states: {
            none: {
              description: 'No round is under way.',
              always: { guard: 'readsCanBeConfirmed', target: 'confirming', actions: 'beginRound' },
            },
            confirming: {
              description: 'Asks no more peers than a majority needs: those who answered soonest.',
              entry: 'askForConfirmation',
              always: {
                guard: 'roundIsConfirmed',
                target: 'none',
                actions: ['extendLease', 'answerReads', 'forgetConfirmedReads'],
              },
              after: {
                confirmationPatience: { target: 'confirming', reenter: true, actions: 'askAll' },
              },
            },
          },
        },
        quorum: {
          description: 'Whether a majority still answers; a leader that it does not answer steps down.',
          initial: 'watching',
          states: {
            watching: {
              description: 'The next count of answers is set.',
              entry: 'setQuorumDeadline',
              after: {
                untilQuorumCheck: [
                  { guard: 'quorumIsUnchecked', target: 'watching', reenter: true },
                  { guard: 'aMajorityAnswered', target: 'watching', reenter: true },
                  { guard: 'quorumTimerIsLate', target: 'overdue' },
                  { target: '#raft.follower' },
                ],
              },
            },
            overdue: {
              description: 'The timer fired late: answers may lie in sockets that were not read yet.',
              entry: 'readSocketsOnce',
              on: {
                socketsRead: [
                  { guard: 'aMajorityAnswered', target: 'watching' },
                  { target: '#raft.follower' },
                ],
              },
            },
          },
        },
      },
    },
  },
});
