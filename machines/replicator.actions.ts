/** What a replicator does: changes of its context, and words to the network and the streams. */
import { assertEvent } from 'xstate';
import type { EntryBlock } from './entry.ts';
import { appendBytesMax, probeBytesMax } from './limits.ts';
import type { AppendEntriesRequest, InstallSnapshotRequest } from './messages.ts';
import type { Flight, Outgoing, ReplicatorContext, ReplicatorEvent } from './replicator.context.ts';
import { isFull } from './replicator.guards.ts';

interface Done {
  readonly context: ReplicatorContext;
  readonly event: ReplicatorEvent;
}
type Change = Partial<ReplicatorContext>;

const noEntries = new Uint8Array(0);

function appendEntries(
  context: ReplicatorContext,
  /** Gives the messages that were made to the network. */
  send: number,
  prevLogIndex: number,
  prevLogTerm: number,
  entries: EntryBlock,
): Outgoing {
  const { me: from, group, term, log, round, matchIndex } = context;
  const request: AppendEntriesRequest = {
    type: 'appendEntries',
    group,
    term,
    from,
    prevLogIndex,
    prevLogTerm,
    entries,
    leaderCommit: log.commitIndex,
    round,
  };
  const upTo = prevLogIndex + entries.count;
  return { request, call: { term, stay: send, from: prevLogIndex, upTo, matchIndex } };
}

/** Notes a group of messages as sent now. The follower learns the commit index as far as they show that its log agrees. */
function sent(context: ReplicatorContext, outgoing: Outgoing[], change: Change): Change {
  if (outgoing.length === 0) return { outgoing, ...change };
  let { commitSent } = context;
  for (const { call } of outgoing)
    commitSent = Math.max(commitSent, Math.min(call.upTo, context.log.commitIndex));
  const sends = context.sends + outgoing.length;
  return { outgoing, sends, lastSentAt: context.clock.now(), commitSent, ...change };
}

export const replicatorChanges = {
  /** One request at nextIndex. It carries few entries: it may well be refused. */
  makeProbe: ({ context }: Done): Change => {
    const prevLogIndex = context.nextIndex - 1;
    const prevLogTerm = context.log.termAt(prevLogIndex);
    if (prevLogTerm === undefined) return { outgoing: [], inFlight: [] };
    const entries = context.log.slice(context.nextIndex, probeBytesMax);
    const probe = appendEntries(context, context.sends + 1, prevLogIndex, prevLogTerm, entries);
    return sent(context, [probe], { inFlight: [] });
  },
  /** As many requests as the window takes, each with as many entries as a request takes. */
  fillWindow: ({ context }: Done): Change => {
    const { log, clock } = context;
    const outgoing: Outgoing[] = [];
    const inFlight: Flight[] = [...context.inFlight];
    let { nextIndex } = context;
    while (!isFull(inFlight) && nextIndex <= log.lastIndex) {
      const prevLogTerm = log.termAt(nextIndex - 1);
      if (prevLogTerm === undefined) break;
      const entries = log.slice(nextIndex, appendBytesMax);
      const send = context.sends + outgoing.length + 1;
      outgoing.push(appendEntries(context, send, nextIndex - 1, prevLogTerm, entries));
      nextIndex += entries.count;
      inFlight.push({ send, upTo: nextIndex - 1, bytes: entries.bytes.byteLength, sentAt: clock.now() });
    }
    return sent(context, outgoing, { inFlight, nextIndex });
  },
  /** Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot. */
  makeHeartbeat: ({ context }: Done): Change => {
    const { log, matchIndex, sends } = context;
    const matchTerm = log.termAt(matchIndex);
    const [index, term] = matchTerm === undefined ? [0, 0] : [matchIndex, matchTerm];
    const entries = { firstIndex: index + 1, count: 0, bytes: noEntries };
    return sent(context, [appendEntries(context, sends + 1, index, term, entries)], {});
  },
  /** How far the logs agree; what is acknowledged is no longer under way. */
  noteMatch: ({ context, event }: Done): Change => {
    assertEvent(event, 'replied.appendEntries');
    const { call, reply } = event;
    const matchIndex = Math.max(context.matchIndex, reply.matchIndex);
    return {
      matchIndex,
      nextIndex: Math.max(context.nextIndex, matchIndex + 1),
      inFlight: context.inFlight.filter(({ send, upTo }) => send !== call.stay && upTo > matchIndex),
      answeredRound: Math.max(context.answeredRound, reply.round),
    };
  },
  /** Gives all slots back and goes on behind what is known to agree. */
  continueFromMatch: ({ context }: Done): Change => ({ nextIndex: context.matchIndex + 1, inFlight: [] }),
  /** Skips a whole conflicting term at a time (paper, end of section 5.3). */
  backUp: ({ context, event }: Done): Change => {
    assertEvent(event, 'replied.appendEntries');
    const { conflictIndex, conflictTerm } = event.reply;
    const shared = conflictTerm > 0 ? context.log.lastIndexOf(conflictTerm) : undefined;
    const hinted = shared === undefined ? conflictIndex : shared + 1;
    // What was refused lies behind call.from: at least one step back, never below what is known to agree.
    const nextIndex = Math.max(context.matchIndex + 1, Math.min(hinted, event.call.from));
    return { nextIndex, inFlight: [] };
  },
  /** Which round of confirmation the next messages belong to (dissertation, section 6.4). */
  noteRound: ({ context, event }: Done): Change => {
    assertEvent(event, 'confirmationAsked');
    return { round: Math.max(context.round, event.round) };
  },
  /** Which round of confirmation the follower has answered. */
  noteAnswer: ({ context, event }: Done): Change =>
    event.type === 'replied.appendEntries'
      ? { answeredRound: Math.max(context.answeredRound, event.reply.round) }
      : {},
  /** What the follower once had and has no more; it is told of once. */
  noteLostEntry: ({ event }: Done): Change => {
    assertEvent(event, 'replied.appendEntries');
    return { lostIndex: event.call.from };
  },
  /** A transfer begins; no entries are under way meanwhile. */
  beginSnapshot: (): Change => ({ snapshot: { index: 0, term: 0, offset: 0 }, inFlight: [] }),
  /** Which snapshot is being sent: it stays readable until the transfer ends. */
  noteHeld: ({ event }: Done): Change => {
    assertEvent(event, 'snapshotHeld');
    return { snapshot: { index: event.index, term: event.term, offset: 0 } };
  },
  /** The next part of the snapshot (paper, figure 13). */
  makeChunk: ({ context, event }: Done): Change => {
    assertEvent(event, 'chunkRead');
    const { me: from, group, term, sends } = context;
    const { index, term: lastIncludedTerm, offset, data, done } = event;
    const request: InstallSnapshotRequest = {
      ...({ type: 'installSnapshot', group, term, from, lastIncludedIndex: index } as const),
      ...{ lastIncludedTerm, offset, data, done },
    };
    const call = { term, stay: sends + 1, from: index, upTo: offset + data.byteLength };
    return {
      outgoing: [{ request, call }],
      sends: sends + 1,
      lastSentAt: context.clock.now(),
    };
  },
  /** Which byte the follower misses next. */
  noteOffset: ({ context, event }: Done): Change => {
    assertEvent(event, 'replied.installSnapshot');
    return { snapshot: { ...context.snapshot, offset: event.reply.offset } };
  },
  /** The logs agree up to where the snapshot reaches; entries follow. */
  noteInstalled: ({ context, event }: Done): Change => {
    assertEvent(event, 'replied.installSnapshot');
    const matchIndex = Math.max(context.matchIndex, event.reply.lastIncludedIndex);
    return { matchIndex, nextIndex: matchIndex + 1 };
  },
};

export const replicatorEffects = {
  send: ({ context }: Done): void => {
    for (const { request, call } of context.outgoing.splice(0)) {
      context.network.call(context.peer, request, `replicator:${context.peer}`, call);
    }
  },
  /** Tells raft how far the logs agree, and that the follower is there. */
  reportMatch: ({ context }: Done): void => {
    const { peer, term, matchIndex, answeredRound: round } = context;
    context.streams.matched$.next({ peer, term, matchIndex, round });
  },
};
