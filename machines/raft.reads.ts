/**
 * Reads that take no entry (paper, section 8; dissertation, section 6.4). A leader confirms by a round of answers that it
 * still leads, a follower asks the leader: each one time for all reads that wait.
 */
import { assertEvent } from 'xstate';
import { isMajority, type NodeId } from './configuration.ts';
import type { Given, RaftContext, ReadAsked, Replied } from './raft.context.ts';

type Change = Partial<RaftContext>;

/**
 * Dissertation, section 6.4.1. Asked of the clock whenever an answer is given: a lease may end while the process stands
 * still.
 */
function leaseHolds({ options, leaseIsGivenUp, leaseUntil, clock }: RaftContext): boolean {
  return options.leaseReads && !leaseIsGivenUp && clock.now() < leaseUntil;
}

/** Of a leader: an entry of its term is committed. Before that it may not know all that is (paper, section 5.4.2). */
export function commitIsKnown({ log, termStart }: RaftContext): boolean {
  return log.commitIndex >= termStart;
}

/** The reply is to what was asked in this term for the reads that wait, whichever of the askings it answers. */
function answersThisAsking({ stay, term }: RaftContext, { call, reply }: Replied): boolean {
  return call.stay === stay && call.term === term && reply.term === term;
}

/** As many other voters as make a majority with this one: those who answered soonest, new ones first. */
function quickestMajority({ configuration: { voters }, me, answerMs }: RaftContext): NodeId[] {
  const took = (id: NodeId) => answerMs[id] ?? 0;
  const soonestFirst = voters
    .filter((id) => id !== me)
    .sort((a, b) => (took(a) === took(b) ? 0 : took(a) - took(b)));
  return soonestFirst.slice(0, Math.floor(voters.length / 2));
}

/** Tells whoever asked; null: this node cannot say. A read index speaks of what is committed, and waits for no disk. */
function answerReads(context: RaftContext, reads: readonly ReadAsked[], readIndex: number | null): void {
  const { group, term, me: from, network, streams } = context;
  const tokens: number[] = [];
  for (const { asker, token } of reads) {
    if (asker === 'service') tokens.push(token);
    else {
      const answer = { success: readIndex !== null, readIndex: readIndex ?? 0 };
      network.reply(token, { type: 'readIndexReply', group, term, from, ...answer });
    }
  }
  if (tokens.length > 0) streams.readConfirmed$.next({ tokens, readIndex });
}

/** Statements about the context and the event, without effect. */
export const readGuards = {
  /** Reads wait that no lease answers, and an entry of this term is committed. */
  readsCanBeConfirmed: ({ context }: Given) =>
    context.readsWaiting.length > 0 && commitIsKnown(context) && !leaseHolds(context),
  /** A majority has answered a message that was sent after the reads came in (dissertation, section 6.4). */
  roundIsConfirmed: ({ context }: Given) =>
    isMajority(
      context.configuration,
      (id) => id === context.me || (context.answeredRound[id] ?? 0) >= context.round,
    ),
  /**
   * The asker says after its reads came in that it is in this term, as an answer to a round would: where it is a majority
   * with this node, nobody else had been elected when they came.
   */
  askingConfirms: ({ context, event }: Given) => {
    assertEvent(event, 'readIndex');
    const { from } = event.request;
    return (
      commitIsKnown(context) && isMajority(context.configuration, (id) => id === context.me || id === from)
    );
  },
  /** This node knows who leads. */
  leaderIsKnown: ({ context }: Given) => context.leader !== null,
  /** The leader has given a read index for the reads that wait. */
  readIndexIsGiven: ({ context, event }: Given) => {
    assertEvent(event, 'replied.readIndex');
    return event.reply.success && answersThisAsking(context, event);
  },
  /** The one that was asked for a read index could not give one. */
  readIndexIsRefused: ({ context, event }: Given) => {
    assertEvent(event, 'replied.readIndex');
    return !event.reply.success && answersThisAsking(context, event);
  },
  /** Somebody waits for a read index. */
  readsWait: ({ context }: Given) => context.readsWaiting.length > 0,
  /** No other leader can have been elected yet (dissertation, section 6.4.1). */
  readsWaitUnderALease: ({ context }: Given) => context.readsWaiting.length > 0 && leaseHolds(context),
};

/** Changes of the context. */
export const readChanges = {
  /** The read waits for a round of answers that begins after it came in (paper, section 8). */
  queueRead: ({ context, event }: Given): Change => {
    assertEvent(event, ['readIndexRequested', 'readIndex']);
    const asker = event.type === 'readIndex' ? 'peer' : 'service';
    return { readsWaiting: [...context.readsWaiting, { asker, token: event.token }] };
  },
  /** The reads that wait are asked for now; later ones wait for the next time. */
  beginAsking: ({ context }: Given): Change => ({
    stay: context.stay + 1,
    readsConfirming: context.readsWaiting,
    readsWaiting: [],
  }),
  /** The reads that wait are confirmed by this round, at what is committed now (paper, section 8). */
  beginRound: ({ context }: Given): Change => ({
    round: context.round + 1,
    roundAsked: quickestMajority(context),
    readsConfirming: context.readsWaiting,
    readsWaiting: [],
    readIndex: context.log.commitIndex,
    // Before the messages leave: a follower hears of the leader only after this.
    roundSentAt: context.clock.now(),
  }),
  /** Whoever is silent is asked last from now on, until it answers. */
  askAll: ({ context }: Given): Change => {
    const { roundAsked, answeredRound, round, configuration, me } = context;
    const answerMs = { ...context.answerMs };
    for (const id of roundAsked)
      if ((answeredRound[id] ?? 0) < round) answerMs[id] = Number.POSITIVE_INFINITY;
    return { roundAsked: configuration.voters.filter((id) => id !== me), answerMs };
  },
  /** From when the round was sent, an election timeout less what clocks may drift (dissertation, section 6.4.1). */
  extendLease: ({ context }: Given): Change => {
    const { electionTimeoutMinMs, clockDriftMax } = context.options;
    return { leaseUntil: context.roundSentAt + electionTimeoutMinMs * (1 - clockDriftMax) };
  },
  /** Whoever is asked to take over may be elected at once. */
  giveUpLease: (): Change => ({ leaseIsGivenUp: true }),
  /** Those that have their answer. */
  forgetConfirmedReads: (): Change => ({ readsConfirming: [] }),
  /** Those that have their answer without a round of their own. */
  forgetWaitingReads: (): Change => ({ readsWaiting: [] }),
  /** Those that were told no. */
  forgetReads: (): Change => ({ readsConfirming: [], readsWaiting: [] }),
};

/** Words to the network and the streams. */
export const readEffects = {
  /** A follower's reads need the leader's word (dissertation, section 6.4). */
  askLeaderForReadIndex: ({ context }: Given): void => {
    const { group, term, me: from, leader, stay, network } = context;
    // One that is not known yet is asked when it is.
    if (leader === null) return;
    network.call(leader, { type: 'readIndex', group, term, from }, 'raft', { term, stay, from: 0, upTo: 0 });
  },
  /** Gives those that are confirmed their read index. */
  answerReads: ({ context }: Given): void => answerReads(context, context.readsConfirming, context.readIndex),
  /** Gives a follower what is committed now: its question speaks for the majority. */
  answerAsker: ({ context, event }: Given): void => {
    assertEvent(event, 'readIndex');
    answerReads(context, [{ asker: 'peer', token: event.token }], context.log.commitIndex);
  },
  /** Gives those that wait what is committed now: the lease speaks for the majority. */
  answerWaitingReads: ({ context }: Given): void =>
    answerReads(context, context.readsWaiting, context.log.commitIndex),
  /** Gives those that wait the leader's read index. */
  passReadIndexOn: ({ context, event }: Given): void => {
    assertEvent(event, 'replied.readIndex');
    answerReads(context, context.readsConfirming, event.reply.readIndex);
  },
  /** Tells all that wait that there is no read index to be had here now. */
  refuseReads: ({ context }: Given): void =>
    answerReads(context, [...context.readsConfirming, ...context.readsWaiting], null),
  /** Tells this one that there is no read index to be had here now. */
  refuseRead: ({ context, event }: Given): void => {
    assertEvent(event, 'readIndexRequested');
    context.streams.readConfirmed$.next({ tokens: [event.token], readIndex: null });
  },
};
