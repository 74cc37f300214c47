/**
 * One node of a simulation as plain data: its log, the state of its actors, their timers, its generator, the calls it
 * has out. What is under way outside of it, on the network and on its disk, belongs to the images of those.
 */
import type { Storage } from '../machines/ports.ts';
import type { SeededRandom } from '../machines/random.ts';
import type { ActorClock, ScheduledEventImage } from './clock/actorClock.ts';

import { RaftNode, type RaftNodeImage, type RaftNodeWithServices } from './raftNode.ts';

/** A storage whose own image holds the write under way, and which after a restore has nobody to tell of its end. */
export interface CapturableStorage extends Storage {
  /** The write under way, if there is one, reports to `done`. */
  resume(done: (error?: Error) => void): void;
}

/** The options of a node that can be captured: its clock, generator and storage give images. */
export interface CapturableNodeOptions extends RaftNodeWithServices {
  readonly clock: ActorClock;
  readonly random: SeededRandom;
  readonly storage: CapturableStorage;
}

/** A node with those of its parts that give images of their own. */
export interface CapturableNode extends Pick<CapturableNodeOptions, 'clock' | 'random'> {
  readonly node: RaftNode;
}

export interface NodeImage {
  readonly node: RaftNodeImage;
  readonly timers: readonly ScheduledEventImage[];
  readonly random: readonly number[];
}

/** A node that is ready to start, its clock bound to its actors. */
export function makeCapturableNode(options: CapturableNodeOptions, image?: RaftNodeImage): CapturableNode {
  const node = new RaftNode(options, image);
  options.clock.bind(node.actor);
  return { node, clock: options.clock, random: options.random };
}

/**
 * An image of a node between two events of the clock; later doings of the node do not reach it, and it survives
 * structuredClone.
 * @throws NotCapturable in the middle of a turn
 */
export function captureNode({ node, clock, random }: CapturableNode): NodeImage {
  return { node: node.image(), timers: clock.image(), random: random.image() };
}

/**
 * A new node that goes on where the image was taken, with parts of its own in place of the captured one's: clock and
 * storage as they were then (restored before), an untouched generator. The image can be restored any number of times.
 */
export function restoreNode(image: NodeImage, options: CapturableNodeOptions): CapturableNode {
  options.random.restore(image.random);
  const restored = makeCapturableNode(options, image.node);
  const { node } = restored;
  node.start();
  options.clock.restore(image.timers);
  options.storage.resume((error) =>
    node.tell('storage', error ? { type: 'writeFailed', error } : { type: 'written' }),
  );
  return restored;
}
