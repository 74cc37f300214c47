/**
 * An actor and all below it as plain data. XState's own persisted snapshot refers to the live objects of the contexts
 * (and does not end where a stream with subscribers is one of them), so the tree is walked here.
 */
import type { AnyActor, AnyActorRef, AnyMachineSnapshot, Snapshot, StateValue } from 'xstate';
import { copyIn, copyOut, NotCapturable, type OwnedObjects } from './plainCopy.ts';

export interface ActorImage {
  readonly status: Snapshot<unknown>['status'];
  readonly value: StateValue;
  /** The ids of the active state nodes in XState's order, in which it looks at the regions of a parallel state. */
  readonly nodes: readonly string[];
  /** Plain, with marks. */
  readonly context: unknown;
  readonly output: unknown;
  readonly error: unknown;
  readonly children: Readonly<Record<string, ChildImage>>;
}

export interface ChildImage {
  /** The name of its logic in the parent's machine; null: the logic of the service of that id. */
  readonly src: string | null;
  readonly systemId: string | undefined;
  readonly actor: ActorImage;
}

/**
 * An image of an actor at rest.
 * @throws NotCapturable if it, or an actor below it, is no statechart or remembers what is neither plain nor owned
 */
export function imageOfActor(actor: AnyActorRef, owned: OwnedObjects): ActorImage {
  const name = nameOf(actor);
  const snapshot: Snapshot<unknown> = actor.getSnapshot();
  if (!isOfMachine(snapshot)) {
    throw new NotCapturable(`The actor ${name} is no statechart: its state cannot be captured.`);
  }
  const children: [string, ChildImage][] = Object.entries<AnyActorRef>(snapshot.children).map(
    ([id, child]) => [
      id,
      {
        src: typeof child.src === 'string' ? child.src : null,
        systemId: systemIdOf(child),
        actor: imageOfActor(child, owned),
      },
    ],
  );
  return {
    status: snapshot.status,
    value: structuredClone(snapshot.value),
    nodes: snapshot._nodes.map(({ id }) => id),
    context: copyOut(snapshot.context, owned, `The context of ${name}`),
    output: copyOut(snapshot.output, owned, `The output of ${name}`),
    error: copyOut(snapshot.error, owned, `The error of ${name}`),
    children: Object.fromEntries(children),
  };
}

/** What to give to `createActor` as its snapshot. `logicOf` gives the logic of a service. */
export function snapshotFromImage(
  image: ActorImage,
  owned: OwnedObjects,
  logicOf: (id: string) => unknown,
): Snapshot<unknown> {
  const children = Object.entries(image.children).map(([id, { src, systemId, actor }]) => [
    id,
    { src: src ?? logicOf(id), systemId, snapshot: snapshotFromImage(actor, owned, logicOf) },
  ]);
  const snapshot = {
    ...{ status: image.status, value: structuredClone(image.value), historyValue: {} },
    ...{ context: copyIn(image.context, owned), children: Object.fromEntries(children) },
    ...{ output: copyIn(image.output, owned), error: copyIn(image.error, owned) },
  };
  return snapshot as unknown as Snapshot<unknown>; // the form of XState's persisted snapshot, which it types as this
}

/** Puts the state nodes of a new actor, and of those below it, in the order of the image: XState puts them in its own. */
export function restoreOrder(actor: AnyActorRef, image: ActorImage): void {
  const snapshot: Snapshot<unknown> = actor.getSnapshot();
  if (!isOfMachine(snapshot)) return;
  snapshot._nodes.sort((a, b) => image.nodes.indexOf(a.id) - image.nodes.indexOf(b.id));
  for (const [id, child] of Object.entries<AnyActorRef>(snapshot.children)) {
    const childImage = image.children[id];
    if (childImage) restoreOrder(child, childImage.actor);
  }
}

/** An actor's systemId; undefined for the root, which has none. */
export function systemIdOf(actor: object): string | undefined {
  return (actor as AnyActor).systemId; // XState's references are its actors
}

function nameOf(actor: AnyActorRef): string {
  return systemIdOf(actor) ?? actor.id;
}

function isOfMachine(snapshot: Snapshot<unknown>): snapshot is AnyMachineSnapshot {
  return 'value' in snapshot && 'context' in snapshot && 'children' in snapshot;
}
