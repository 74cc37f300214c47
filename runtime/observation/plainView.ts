/**
 * Shows what an actor holds as plain data of bounded size, for tools that serialise it: bytes by their number, the log by
 * its indexes, live objects by the name of their class.
 */
import { StateMachine } from 'xstate';

/** Containers within containers; deeper ones are left out. */
const depthMax = 8;
/** Items of one array, map or object. */
const itemsMax = 100;
/** Characters of one text. */
const textCharactersMax = 200;
/** Characters of all names and values of one view together, about: what lies behind them is left out. */
const viewCharactersMax = 16_000;

/** Stands where something was left out. */
const more = '…';

/** A plain copy that JSON.stringify takes without loss, of at most some tens of thousands of characters. */
export function plainView(value: unknown): unknown {
  return new View().of(value, 0);
}

class View {
  #room = viewCharactersMax;

  /** Undefined: nothing that can be shown. */
  of(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        this.#room -= 8;
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
        return this.#text(String(value));
      case 'boolean':
        return value;
      case 'object':
        return value === null ? null : this.#object(value, depth);
      default:
        return undefined;
    }
  }

  #object(value: object, depth: number): unknown {
    if (value instanceof Uint8Array) return this.#text(`<${value.byteLength} bytes>`);
    if (value instanceof Error) return { name: this.#text(value.name), message: this.#text(value.message) };
    if (value instanceof StateMachine) return this.#text(`<machine ${value.id}>`);
    if (depth >= depthMax) return more;
    if (Array.isArray(value)) return this.#items(value, value.length, depth);
    if (value instanceof Set) return this.#items(value, value.size, depth);
    if (value instanceof Map) return this.#fields(value, depth);
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.of(value.toJSON(), depth + 1);
    const prototype: object | null = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype)
      return this.#fields(Object.entries(value), depth);
    return this.#text(`<${value.constructor.name}>`);
  }

  #items(items: Iterable<unknown>, count: number, depth: number): unknown[] {
    const shown: unknown[] = [];
    for (const item of items) {
      if (shown.length >= itemsMax || this.#room <= 0) {
        shown.push(`${more} ${count - shown.length} more`);
        break;
      }
      shown.push(this.of(item, depth + 1) ?? null);
    }
    return shown;
  }

  #fields(entries: Iterable<readonly [unknown, unknown]>, depth: number): object {
    const shown: [string, unknown][] = [];
    for (const [key, value] of entries) {
      if (shown.length >= itemsMax || this.#room <= 0) {
        shown.push([more, more]);
        break;
      }
      const plain = this.of(value, depth + 1);
      if (plain !== undefined) shown.push([this.#text(String(key)), plain]);
    }
    return Object.fromEntries(shown);
  }

  #text(text: string): string {
    const shown = text.length > textCharactersMax ? `${text.slice(0, textCharactersMax)}${more}` : text;
    this.#room -= shown.length + 4;
    return shown;
  }
}
