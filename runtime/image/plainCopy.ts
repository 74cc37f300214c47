/**
 * Copies what an actor remembers into plain data and back. The objects that a node owns (its log, its clock, its disk)
 * are left out: a mark stands for each, and the object of the node that takes the copy over is put in its place.
 */
import { MemoryStagedSnapshot, MemoryStoredSnapshot } from '../storage/memorySnapshot.ts';

/** What cannot become plain data; the message says where it lies. */
export class NotCapturable extends Error {
  override readonly name = 'NotCapturable';
  readonly code = 'NotCapturable';
}

/** The objects of one node that marks stand for, by name. */
export class OwnedObjects {
  readonly #objects: Readonly<Record<string, object>>;
  readonly #names: ReadonlyMap<object, string>;

  constructor(objects: Readonly<Record<string, object>>) {
    this.#objects = objects;
    this.#names = new Map(Object.entries(objects).map(([name, object]) => [object, name]));
  }

  nameOf(object: object): string | undefined {
    return this.#names.get(object);
  }

  /** @throws NotCapturable if the node owns nothing of that name */
  named(name: string): object {
    const object = this.#objects[name];
    if (!object) throw new NotCapturable(`The image speaks of ${name}, which this node does not have.`);
    return object;
  }
}

/** The field that makes an object a mark, and tells of what. */
const markField = '$mark';
type Mark =
  | { readonly $mark: 'owned'; readonly name: string }
  | {
      readonly $mark: 'stagedSnapshot' | 'storedSnapshot';
      readonly index: number;
      readonly term: number;
      readonly bytes: Uint8Array;
    }
  | { readonly $mark: 'error'; readonly name: string; readonly message: string };

/**
 * A copy as plain data that shares no memory with what it was made from. `where` names the place in messages.
 * @throws NotCapturable
 */
export function copyOut(value: unknown, owned: OwnedObjects, where: string): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new NotCapturable(`${where} is a ${typeof value}, which no image can hold.`);
  }
  if (typeof value !== 'object' || value === null) return value;
  const mark = markFor(value, owned);
  if (mark) return mark;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map((item, i) => copyOut(item, owned, `${where}[${i}]`));
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotCapturable(
      `${where} is a ${prototype.constructor.name}: only plain data and what the node owns can be captured.`,
    );
  }
  if (markField in value)
    throw new NotCapturable(`${where} has a field ${markField}, which images keep for marks.`);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, copyOut(item, owned, `${where}.${key}`)]),
  );
}

/** A copy of what `copyOut` gave, with the objects of `owned` in the places of the marks. */
export function copyIn(image: unknown, owned: OwnedObjects): unknown {
  if (typeof image !== 'object' || image === null) return image;
  if (image instanceof Uint8Array) return new Uint8Array(image);
  if (Array.isArray(image)) return image.map((item) => copyIn(item, owned));
  if (markField in image) return whatIsMarked(image as Mark, owned); // copyOut lets nothing else have the field
  return Object.fromEntries(Object.entries(image).map(([key, item]) => [key, copyIn(item, owned)]));
}

function markFor(value: object, owned: OwnedObjects): Mark | undefined {
  const name = owned.nameOf(value);
  if (name !== undefined) return { $mark: 'owned', name };
  if (value instanceof MemoryStagedSnapshot) {
    return { $mark: 'stagedSnapshot', index: value.index, term: value.term, bytes: value.bytes() };
  }
  if (value instanceof MemoryStoredSnapshot) {
    const { index, term, bytes } = value;
    return { $mark: 'storedSnapshot', index, term, bytes: new Uint8Array(bytes) };
  }
  // structuredClone would forget the class of an error, but not its name if it is data.
  if (value instanceof Error) return { $mark: 'error', name: value.name, message: value.message };
  return undefined;
}

function whatIsMarked(mark: Mark, owned: OwnedObjects): object {
  if (mark.$mark === 'owned') return owned.named(mark.name);
  if (mark.$mark === 'error') return Object.assign(new Error(mark.message), { name: mark.name });
  if (mark.$mark === 'storedSnapshot') return new MemoryStoredSnapshot(mark, new Uint8Array(mark.bytes));
  const staged = new MemoryStagedSnapshot(mark);
  void staged.add(mark.bytes); // taken at once: memory keeps nobody waiting
  return staged;
}
