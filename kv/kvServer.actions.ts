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
  sendToLeader: ({ context, event }: Done): void => {
    assertEvent(event, 'requested');
    context.serving.refuse(event.token, event.items, context.leader, notLeader(context.leader));
  },
  refuseForNow: ({ context, event }: Done): void => {
    assertEvent(event, 'requested');
    const error = new KvError('Overloaded', 'Too much waits to be committed: try again in a moment.');
    context.serving.refuse(event.token, event.items, context.leader, error);
  },
  takeRequest: ({ context, event }: Done): void => {
    assertEvent(event, 'requested');
    context.serving.take(event.token, event.items, context.leader);
  },
  askForReadIndex: ({ context, event }: Done): void => {
    assertEvent(event, 'requested');
    context.serving.askForReadIndex(event.token);
  },
  noteReadIndex: ({ context, event }: Done): void => {
    assertEvent(event, 'readConfirmed');
    context.serving.noteReadIndex(event.tokens, event.readIndex, context.leader);
  },
  applyEntries: ({ context, event }: Done): void => {
    assertEvent(event, 'entriesApplied');
    context.serving.apply(event.entries);
  },
  answerQueries: ({ context }: Done): void =>
    context.serving.answerQueries(context.lastApplied, context.leader),
  failWaits: ({ context }: Done): void => context.serving.failWaits(context.leader),
  proposeTick: ({ context }: Done): void => context.serving.proposeTick(context.lastApplied),
  restoreState: ({ context, event, self }: Done): void => {
    assertEvent(event, 'snapshotReceived');
    void context.serving.restore(event.snapshot).then(() => self.send({ type: 'snapshotRestored' }));
  },
  takeSnapshot: ({ context, self }: Done): void => {
    void context.serving.takeSnapshot(context.lastApplied).then(() => self.send({ type: 'snapshotEnded' }));
  },
};
