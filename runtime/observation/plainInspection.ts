/**
 * What XState's inspection tells, made fit for observers that keep it, send it or write it down: the contexts of a node
 * hold its log, its streams and its disk, which live on, and events carry whole batches.
 */
import { type ActorRefLike, type InspectionEvent, type Observer, toObserver } from 'xstate';
import { plainView } from './plainView.ts';

/** An inspection observer as XState takes it, such as the `inspect` of an inspector of @statelyai/inspect. */
export type InspectionObserver = Observer<InspectionEvent> | ((inspected: InspectionEvent) => void);

/**
 * Hands on every event with its snapshots, events and parameters as plain data of bounded size, copied at that moment.
 * Its actors are the real ones, but for `getSnapshot`, which gives plain data, too.
 * @param onError an observer that throws hears nothing more, and its actors go on; by default the error is thrown where
 *   nobody catches it, as XState does with subscribers
 */
export function plainInspection(
  observer: InspectionObserver,
  onError: (error: unknown) => void = throwLater,
): (inspected: InspectionEvent) => void {
  const { next } = toObserver(observer);
  const shown = new WeakMap<ActorRefLike, ActorRefLike>();
  const show = (actor: ActorRefLike): ActorRefLike => {
    let plain = shown.get(actor);
    if (!plain) {
      plain = Object.create(actor, {
        getSnapshot: { value: () => plainView((actor as Readable).getSnapshot()) }, // all actors have one
      }) as ActorRefLike;
      shown.set(actor, plain);
    }
    return plain;
  };
  let hasFailed = false;
  return (inspected) => {
    if (hasFailed) return;
    try {
      next?.(plain(inspected, show));
    } catch (error) {
      hasFailed = true;
      onError(error);
    }
  };
}

/** In words for whoever runs the node. */
export function inspectionFailed(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `The inspection observer failed and hears nothing more: ${reason}`;
}

interface Readable extends ActorRefLike {
  getSnapshot(): unknown;
}

function plain(inspected: InspectionEvent, show: (actor: ActorRefLike) => ActorRefLike): InspectionEvent {
  const { actorRef, ...others } = inspected;
  const changed: Record<string, unknown> = { ...others, actorRef: show(actorRef) };
  if ('sourceRef' in inspected && inspected.sourceRef) changed.sourceRef = show(inspected.sourceRef);
  for (const name of ['event', 'snapshot', 'action', '_transitions']) {
    if (name in inspected) changed[name] = plainView(inspected[name as keyof InspectionEvent]);
  }
  return changed as unknown as InspectionEvent; // of the same form
}

function throwLater(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
