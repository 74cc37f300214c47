/** What the key/value server does; the work on batches is in KvServing. */
import { assertEvent } from 'xstate';
import type { KvServerContext, KvServerEvent } from './kvServer.context.ts';
import { notLeader } from './kvServing.ts';
import { KvError } from './operation.ts';

interface Done {
  readonly context: KvServerContext;
  readonly event: KvServerEvent;
  readonly self: { send(event: KvServerEvent): void };
}

export const kvServerEffects = {
  /** This node does not lead: the answer names the one that does, where it is known. */
  sendToLeader: ({ context, event }: Done): void => {
    assertEvent(event, 'requested');
    context.serving.refuse(event.token, event.items, context.leader, notLeader(context.leader));
  },
  /** The request had no effect, and may be sent again in a moment. */
  refuseForNow: ({ context, event }: Done): void => {
    assertEvent(event, 'requested');
    const error = new KvError('Overloaded', 'Too much waits to be committed: try again in a moment.');
    context.serving.refuse(event.token, event.items, context.leader, error);
  },
  /** Proposes its commands, and keeps its queries until there is a read index. */
  takeRequest: ({ context, event }: Done): void => {
    assertEvent(event, 'requested');
    context.serving.take(event.token, event.items, context.leader);
  },
  /** For the queries of a request (paper, section 8). */
  askForReadIndex: ({ context, event }: Done): void => {
    assertEvent(event, 'requested');
    context.serving.askForReadIndex(event.token);
  },
  /** From where on those queries may be answered; none: they are refused. */
  noteReadIndex: ({ context, event }: Done): void => {
    assertEvent(event, 'readConfirmed');
    context.serving.noteReadIndex(event.tokens, event.readIndex, context.leader);
  },
  /** Each command in order; whoever waits for one has its answer. */
  applyEntries: ({ context, event }: Done): void => {
    assertEvent(event, 'entriesApplied');
    context.serving.apply(event.entries);
  },
  /** Those whose read index is applied. */
  answerQueries: ({ context }: Done): void =>
    context.serving.answerQueries(context.lastApplied, context.leader),
  /** Leadership is lost: what waits for an index may or may not come to be. */
  failWaits: ({ context }: Done): void => context.serving.failWaits(context.leader),
  /** An entry that lets log time pass. */
  proposeTick: ({ context }: Done): void => context.serving.proposeTick(context.lastApplied),
  /** Takes the snapshot over in place of what there was. */
  restoreState: ({ context, event, self }: Done): void => {
    assertEvent(event, 'snapshotReceived');
    void context.serving.restore(event.snapshot).then(() => self.send({ type: 'snapshotRestored' }));
  },
  /** A view of this moment, made in pieces. */
  takeSnapshot: ({ context, self }: Done): void => {
    void context.serving.takeSnapshot(context.lastApplied).then(() => self.send({ type: 'snapshotEnded' }));
  },
};
