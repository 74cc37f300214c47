/** Who hears of what a node applies, as it applies it. Nothing that is applied depends on it. */

/**
 * What can happen to a key, by the names that Redis has for it, each with the class that it belongs to.
 * https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
 */
export const classOfEvent = {
  set: '$',
  append: '$',
  setrange: '$',
  incrby: '$',
  incrbyfloat: '$',
  del: 'g',
  expire: 'g',
  persist: 'g',
  rename_from: 'g',
  rename_to: 'g',
  copy_to: 'g',
  expired: 'x',
  new: 'n',
} as const;

export type KeyEvent = keyof typeof classOfEvent;

/** Told in the midst of applying an entry: these only take note, and never throw. */
export interface Audience {
  /** `key`: one character to a byte. Undefined: nobody wants to know. */
  readonly keyChanged?: ((event: KeyEvent, key: string) => void) | undefined;
  /** The bytes are views of an entry: whoever keeps them longer than the event loop's turn copies them. */
  readonly published?: ((channel: Uint8Array, message: Uint8Array) => void) | undefined;
}

export const nobody: Audience = {};
