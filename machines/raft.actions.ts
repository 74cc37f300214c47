/** What the raft chart does: changes of its context, and words to the network, the storage and the streams. */
import { assertEvent } from 'xstate';
import { type NodeId, othersIn } from './configuration.ts';
import { EntryKind } from './entry.ts';
import type { AppendEntriesReply, RaftReply, RaftRequest } from './messages.ts';
import type { ReplyToken } from './ports.ts';
import type { Given, RaftContext } from './raft.context.ts';
import { isDue, majorityMatch } from './raft.guards.ts';
import { readChanges, readEffects } from './raft.reads.ts';
import type { WriteRequested } from './storage.ts';

type Change = Partial<RaftContext>;

/**
 * Promises a reply for when the write `sequence` (by default that of the current term and vote) and the own entries up
 * to `index` are durable.
 */
function promise(
  context: RaftContext,
  token: ReplyToken,
  reply: RaftReply,
  { sequence = context.hardStateSequence, index = 0 } = {},
): Change {
  return { promises: [...context.promises, { token, reply, sequence, index }] };
}

/** The reply that says no to a request, in the current term. */
function refusal(context: RaftContext, type: RaftRequest['type']): RaftReply {
  const { term, group, me: from } = context;
  switch (type) {
    case 'preVote':
      return { type: 'preVoteReply', group, term, from, voteGranted: false };
    case 'requestVote':
      return { type: 'requestVoteReply', group, term, from, voteGranted: false };
    case 'appendEntries':
      return {
        ...{ type: 'appendEntriesReply', group, term, from, success: false },
        ...{ matchIndex: 0, conflictIndex: context.log.lastIndex + 1, conflictTerm: 0, round: 0 },
      };
    case 'installSnapshot':
      return {
        ...{ type: 'installSnapshotReply', group, term, from, installed: false },
        ...{ lastIncludedIndex: 0, offset: 0 },
      };
    case 'timeoutNow':
      return { type: 'timeoutNowReply', group, term, from };
    case 'readIndex':
      return { type: 'readIndexReply', group, term, from, success: false, readIndex: 0 };
  }
}

const requestOf = {
  preVoteReply: 'preVote',
  requestVoteReply: 'requestVote',
  appendEntriesReply: 'appendEntries',
  installSnapshotReply: 'installSnapshot',
  timeoutNowReply: 'timeoutNow',
  readIndexReply: 'readIndex',
} as const;

/**
 * Enters a higher term (paper, section 5.1). Replies promised in the earlier one are taken back: what they speak of may
 * no longer hold when they could leave.
 */
function enterTerm(context: RaftContext, term: number): Change {
  const sequence = context.askedSequence + 1;
  const entered = { ...context, term };
  return {
    term,
    votedFor: null,
    leader: null,
    askedSequence: sequence,
    hardStateSequence: sequence,
    promises: context.promises.map(({ token, reply }) => ({
      token,
      reply: refusal(entered, requestOf[reply.type]),
      sequence,
      index: 0,
    })),
  };
}

function randomDeadline({ clock, random, options }: RaftContext): number {
  const { electionTimeoutMinMs: min, electionTimeoutMaxMs: max, electionPriority } = options;
  return clock.now() + min + (random.next() + (1 - electionPriority)) * (max - min);
}

/** Asks every other voter whose word is still to come; replies come back to the raft actor, marked with their stay. */
function canvass(context: RaftContext, type: 'preVote' | 'requestVote', term: number): void {
  const { group, me: from, log, network, stay, votes, refusals } = context;
  const common = { group, term, from, lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm };
  for (const peer of context.configuration.voters) {
    if (peer === from || votes.includes(peer) || refusals.includes(peer)) continue;
    const request: RaftRequest =
      type === 'preVote'
        ? { type, ...common }
        : { type, ...common, leadershipTransfer: context.leadershipTransfer };
    network.call(peer, request, 'raft', { term, stay, from: 0, upTo: 0 });
  }
}

function answersRound({ round: latest, answeredRound }: RaftContext, peer: NodeId, round: number): boolean {
  return round === latest && (answeredRound[peer] ?? 0) < round;
}

/** The same values where that of the peer is no lower already, as most answers find it. */
function risenTo(values: Readonly<Record<NodeId, number>>, peer: NodeId, value: number): typeof values {
  const known = values[peer];
  return known !== undefined && known >= value ? values : withValue(values, peer, value);
}

function withValue(values: Readonly<Record<NodeId, number>>, peer: NodeId, value: number): typeof values {
  const changed = { ...values };
  changed[peer] = value;
  return changed;
}

/** Changes of the context. */
export const raftChanges = {
  ...readChanges,
  /** That of the request; no vote is given in it yet (paper, section 5.1). */
  adoptTerm: ({ context, event }: Given): Change => {
    if (!('request' in event)) return {};
    return enterTerm(context, event.request.term);
  },
  /** That of the reply; no vote is given in it yet (paper, section 5.1). */
  adoptTermOfReply: ({ context, event }: Given): Change => {
    assertEvent(event, ['replied.preVote', 'replied.requestVote', 'replied.timeoutNow', 'replied.readIndex']);
    return enterTerm(context, event.reply.term);
  },
  /** The one that a replicator has seen; no vote is given in it yet (paper, section 5.1). */
  adoptSeenTerm: ({ context, event }: Given): Change => {
    assertEvent(event, 'higherTermSeen');
    return enterTerm(context, event.term);
  },
  /** A new one, drawn at random (paper, section 5.2). */
  setElectionDeadline: ({ context }: Given): Change => ({ electionDeadline: randomDeadline(context) }),
  /** Nobody is known to lead. */
  forgetLeader: (): Change => ({ leader: null }),

  /** Counts votes anew, with its own, and without a term of its own (dissertation, section 9.6). */
  beginPreCandidacy: ({ context }: Given): Change => ({
    stay: context.stay + 1,
    votes: [context.me],
    refusals: [],
  }),
  /** A term of its own, and its own vote (paper, section 5.2). */
  standForElection: ({ context }: Given): Change => ({
    ...enterTerm(context, context.term + 1),
    votedFor: context.me,
    stay: context.stay + 1,
    votes: [],
    refusals: [],
  }),
  /** The leader has asked this node to stand: live leaders need not hold voters back (dissertation, section 3.10). */
  noteTransfer: (): Change => ({ leadershipTransfer: true }),
  /** The next candidacy is one of its own accord. */
  forgetTransfer: (): Change => ({ leadershipTransfer: false }),
  /** Its own vote, which is durable by now. */
  countOwnVote: ({ context }: Given): Change => ({ votes: [context.me] }),
  /** The vote of whoever has answered, once. */
  countVote: ({ context, event }: Given): Change => {
    assertEvent(event, ['replied.preVote', 'replied.requestVote']);
    const voter = event.reply.from;
    return context.votes.includes(voter) ? {} : { votes: [...context.votes, voter] };
  },
  /** This voter is not asked again in this candidacy. */
  noteRefusal: ({ context, event }: Given): Change => {
    assertEvent(event, 'replied.requestVote');
    return { refusals: [...context.refusals, event.reply.from] };
  },
  /** It would vote for whoever asks; its term and vote stay as they are (dissertation, section 9.6). */
  grantPreVote: ({ context, event }: Given): Change => {
    assertEvent(event, 'preVote');
    const { group, me: from } = context;
    const reply = { type: 'preVoteReply', group, term: event.request.term, from, voteGranted: true } as const;
    return promise(context, event.token, reply);
  },
  /** Its vote of this term; the answer leaves when the vote is durable (paper, figure 2, RequestVote). */
  grantVote: ({ context, event }: Given): Change => {
    assertEvent(event, 'requestVote');
    const { group, term, me: from } = context;
    const sequence = context.askedSequence + 1;
    const reply = { type: 'requestVoteReply', group, term, from, voteGranted: true } as const;
    return {
      votedFor: event.request.from,
      askedSequence: sequence,
      hardStateSequence: sequence,
      ...promise(context, event.token, reply, { sequence }),
    };
  },
  /** A request to stand is answered before it is followed: the candidacy has a term of its own. */
  acknowledgeTimeoutNow: ({ context, event }: Given): Change => {
    assertEvent(event, 'timeoutNow');
    return promise(context, event.token, refusal(context, 'timeoutNow'));
  },
  /** No, in the current term. */
  refuse: ({ context, event }: Given): Change => {
    if (!('request' in event)) return {};
    return promise(context, event.token, refusal(context, event.request.type));
  },

  /** Whoever sends this leads; a new deadline is drawn (paper, section 5.2). */
  hearLeader: ({ context, event }: Given): Change => {
    assertEvent(event, ['appendEntries', 'installSnapshot']);
    return {
      leader: event.request.from,
      leaderHeardAt: context.clock.now(),
      electionDeadline: randomDeadline(context),
    };
  },
  /** Success waits for the entries that it speaks of; a heartbeat on durable ground does not wait for later ones. */
  acknowledgeEntries: ({ context, event }: Given): Change => {
    assertEvent(event, 'appendEntries');
    const { group, term, me: from } = context;
    const { prevLogIndex, entries, round } = event.request;
    const matchIndex = prevLogIndex + entries.count;
    const reply: AppendEntriesReply = {
      type: 'appendEntriesReply',
      group,
      term,
      from,
      success: true,
      matchIndex,
      conflictIndex: 0,
      conflictTerm: 0,
      round,
    };
    return promise(context, event.token, reply, { index: matchIndex });
  },
  /** The hint by which the leader skips a whole term at a time (paper, end of section 5.3). */
  refuseEntries: ({ context, event }: Given): Change => {
    assertEvent(event, 'appendEntries');
    const { group, term, me: from, log } = context;
    const { prevLogIndex, round } = event.request;
    const conflictTerm = log.termAt(prevLogIndex) ?? 0;
    const conflictIndex = conflictTerm > 0 ? log.firstIndexOfTermAt(prevLogIndex) : log.lastIndex + 1;
    const reply = {
      ...({ type: 'appendEntriesReply', group, term, from, success: false } as const),
      ...{ matchIndex: 0, conflictIndex, conflictTerm, round },
    };
    return promise(context, event.token, reply);
  },

  /** How far the disk has come, unless a later truncation has overtaken it. */
  noteDurable: ({ context, event }: Given): Change => {
    assertEvent(event, 'durable');
    // An acknowledgement of a write that a later truncation overtook makes none of its entries durable.
    const counts =
      event.sequence >= context.truncatedSequence && context.log.termAt(event.lastIndex) === event.lastTerm;
    return {
      durableSequence: event.sequence,
      durableIndex: counts ? Math.max(context.durableIndex, event.lastIndex) : context.durableIndex,
    };
  },
  /** What is committed, for those who look at the chart. */
  noteCommitIndex: ({ context }: Given): Change => ({ commitIndex: context.log.commitIndex }),
  /** Those that have left. */
  forgetSentReplies: ({ context }: Given): Change => ({
    promises: context.promises.filter((promised) => !isDue(context, promised)),
  }),

  /** Nothing is known yet of the others' logs; its own entries of the term begin behind the log's end. */
  beginTerm: ({ context }: Given): Change => {
    const now = context.clock.now();
    const others = othersIn(context.configuration, context.me);
    return {
      leader: context.me,
      termStart: context.log.lastIndex + 1,
      matchIndex: {},
      answeredAt: Object.fromEntries(others.map((id) => [id, now])),
      answeredRound: {},
      answerMs: {},
      round: 0,
      leaseUntil: Number.NEGATIVE_INFINITY,
      leaseIsGivenUp: false,
    };
  },
  /** When a majority must have answered next (dissertation, section 6.2). */
  setQuorumDeadline: ({ context }: Given): Change => ({
    quorumDeadline: context.clock.now() + context.options.electionTimeoutMinMs,
  }),
  /** Whom leadership is to go to. */
  noteTransferTarget: ({ event }: Given): Change => {
    assertEvent(event, 'transferAsked');
    return { transferTo: event.to, timeoutNowSent: false };
  },
  /** It is told once. */
  noteTimeoutNowSent: (): Change => ({ timeoutNowSent: true }),
  /** The handing over has come to an end, one way or the other. */
  forgetTransferTarget: (): Change => ({ transferTo: null, timeoutNowSent: false }),
  /** How far that follower's log agrees, that it has answered, and in which round. */
  noteMatch: ({ context, event }: Given): Change => {
    assertEvent(event, 'matched');
    const { peer, matchIndex, round } = event;
    const now = context.clock.now();
    const heard = {
      matchIndex: risenTo(context.matchIndex, peer, matchIndex),
      answeredAt: withValue(context.answeredAt, peer, now),
    };
    if (!answersRound(context, peer, round)) return heard;
    return {
      ...heard,
      answeredRound: withValue(context.answeredRound, peer, round),
      answerMs: withValue(context.answerMs, peer, now - context.roundSentAt),
    };
  },

  /** One write more is asked of the disk. */
  noteSnapshotWrite: ({ context }: Given): Change => ({ askedSequence: context.askedSequence + 1 }),
  /** This snapshot replaces the log once it is durable. */
  noteInstalling: ({ context, event }: Given): Change => {
    assertEvent(event, 'chunkStaged');
    const { index, term } = event.snapshot;
    return { installing: { index, term, sequence: context.askedSequence } };
  },
  /** It is with the service. */
  forgetInstalling: (): Change => ({ installing: null }),
  /** It is not needed; the answer waits until what it stands for is durable here. */
  acknowledgeKnownSnapshot: ({ context, event }: Given): Change => {
    assertEvent(event, ['installSnapshot', 'chunkStaged']);
    const index = event.type === 'installSnapshot' ? event.request.lastIncludedIndex : event.snapshot.index;
    return promise(context, event.token, snapshotReply(context, index, 0, true), { index });
  },
  /** Which byte is missing next. */
  acknowledgeChunk: ({ context, event }: Given): Change => {
    assertEvent(event, 'chunkStaged');
    return promise(context, event.token, snapshotReply(context, event.snapshot.index, event.offset, false));
  },
  /** It is installed; the answer waits until it is durable. */
  acknowledgeSnapshot: ({ context, event }: Given): Change => {
    assertEvent(event, 'chunkStaged');
    const reply = snapshotReply(context, event.snapshot.index, event.offset, true);
    return promise(context, event.token, reply, {
      sequence: context.askedSequence,
      index: event.snapshot.index,
    });
  },
};

function snapshotReply(context: RaftContext, lastIncludedIndex: number, offset: number, installed: boolean) {
  const { group, term, me: from } = context;
  return { type: 'installSnapshotReply', group, term, from, lastIncludedIndex, offset, installed } as const;
}

/** Words to the network, the log and the streams. */
export const raftEffects = {
  ...readEffects,
  /** Those replies that speak of what is durable by now. */
  sendDueReplies: ({ context }: Given): void => {
    for (const promised of context.promises) {
      if (isDue(context, promised)) context.network.reply(promised.token, promised.reply);
    }
  },
  /** Asks who would vote for it in the next term (dissertation, section 9.6). */
  requestPreVotes: ({ context }: Given): void => canvass(context, 'preVote', context.term + 1),
  /** Asks every voter whose word is still to come (paper, figure 2, RequestVote). */
  requestVotes: ({ context }: Given): void => canvass(context, 'requestVote', context.term),
  /** What the leader says is committed, as far as the logs are known to agree (paper, figure 2). */
  adoptCommitIndex: ({ context, event }: Given): void => {
    assertEvent(event, 'appendEntries');
    const { leaderCommit, prevLogIndex, entries } = event.request;
    // Never beyond what this very request has shown to agree (paper, figure 2, AppendEntries, step 5).
    commitUpTo(context, Math.min(leaderCommit, prevLogIndex + entries.count));
  },
  /** To the highest index that a majority holds durably. */
  advanceCommitIndex: ({ context }: Given): void => commitUpTo(context, majorityMatch(context)),
  /** From now on commands are taken into the log, in this term. */
  openProposals: ({ context }: Given): void => {
    context.gate.openIn = context.term;
  },
  /** No command is taken into the log from now on. */
  closeProposals: ({ context }: Given): void => {
    context.gate.openIn = null;
  },
  /** Tells the one that is to lead to stand at once (dissertation, section 3.10). */
  sendTimeoutNow: ({ context }: Given): void => {
    const { group, term, me: from, transferTo, network, stay } = context;
    if (transferTo === null) return;
    network.call(transferTo, { type: 'timeoutNow', group, term, from }, 'raft', {
      term,
      stay,
      from: 0,
      upTo: 0,
    });
  },
  /** An entry of its own term, by which all before it is committed (paper, section 8). */
  appendNoop: ({ context }: Given): void => {
    const { log, term, streams } = context;
    streams.appended$.next({ lastIndex: log.append(term, EntryKind.internal, 0, new Uint8Array(0)) });
  },
  /** Lets go of the entries that the snapshot stands for (paper, section 7). */
  compactLog: ({ context, event }: Given): void => {
    assertEvent(event, 'snapshotTaken');
    context.log.compactTo(event.snapshot);
  },
  /** The snapshot is not needed; what was gathered of it is let go. */
  discardSnapshot: ({ event }: Given): void => {
    assertEvent(event, ['snapshotTaken', 'chunkStaged']);
    // One that is not complete stays with whoever gathers its chunks: the next may be on its way.
    if (event.type === 'snapshotTaken' || event.done) event.snapshot.discard();
  },
};

function commitUpTo({ log, streams }: RaftContext, index: number): void {
  if (index <= log.commitIndex) return;
  log.commitIndex = index;
  streams.committed$.next({ commitIndex: index });
}

/** What the storage is asked for; sent to it after the context has changed. */
export const raftWrites = {
  storeHardState: ({ context }: Given): WriteRequested => ({
    ...{ type: 'writeRequested', sequence: context.askedSequence, lastIndex: context.log.lastIndex },
    hardState: { term: context.term, votedFor: context.votedFor },
  }),
  storeSnapshot: ({ context, event }: Given): WriteRequested => {
    assertEvent(event, 'snapshotTaken');
    const { askedSequence: sequence, log } = context;
    return { type: 'writeRequested', sequence, lastIndex: log.lastIndex, snapshot: event.snapshot };
  },
};
