/**
 * What a few Redis commands do to a group of keys, as a sequential object to judge histories by. An operation is one
 * command, or several that take effect at one moment (MULTI). Groups have nothing to do with each other.
 */
import type { HistoryOperation, Model } from 'xstate-raft/testing';

/** The name in upper case, and the arguments. */
export type Command = readonly [name: string, ...args: string[]];

/** Statuses are strings, too. */
export type Answer = string | number | null | readonly Answer[];

export interface Asked {
  /** All keys of the commands are in this group. */
  readonly group: string;
  readonly commands: readonly Command[];
}

/** A reply for each command. */
export type Answered = readonly Answer[];

export type CommandHistory = readonly HistoryOperation<Asked, Answered>[];

/** The keys that have a value. */
type Keys = ReadonlyMap<string, string>;

/** Commands by name: the reply, and what they change in a copy of the keys. */
const effects: Readonly<Record<string, (keys: Map<string, string>, args: readonly string[]) => Answer>> = {
  GET: (keys, [key = '']) => keys.get(key) ?? null,
  MGET: (keys, names) => names.map((key) => keys.get(key) ?? null),
  SET(keys, [key = '', value = '', option]) {
    const before = keys.get(key);
    if (option === 'NX' && before !== undefined) return null;
    keys.set(key, value);
    return option === 'GET' ? (before ?? null) : 'OK';
  },
  MSET(keys, args) {
    for (let at = 0; at < args.length; at += 2) keys.set(args[at] ?? '', args[at + 1] ?? '');
    return 'OK';
  },
  APPEND(keys, [key = '', value = '']) {
    const after = (keys.get(key) ?? '') + value;
    keys.set(key, after);
    return after.length;
  },
  INCR(keys, [key = '']) {
    const after = Number(keys.get(key) ?? 0) + 1;
    keys.set(key, String(after));
    return after;
  },
  DEL: (keys, names) => names.filter((key) => keys.delete(key)).length,
};

const isReading = ([name]: Command) => name === 'GET' || name === 'MGET';

export const commandModel: Model<Keys, Asked, Answered> = {
  init: () => new Map(),
  step(state, { commands }, answers, returned) {
    const keys = new Map(state);
    const replies = commands.map(([name, ...args]) => {
      const effect = effects[name];
      if (effect === undefined) throw new Error(`The model does not know the command ${name}.`);
      return effect(keys, args);
    });
    if (returned && JSON.stringify(replies) !== JSON.stringify(answers)) return undefined;
    return commands.every(isReading) ? state : keys;
  },
  key: (state) => JSON.stringify([...state].sort()),
  partition: ({ group }) => group,
  describe: ({ commands }, answers, returned) => {
    const words = commands.map((command) => command.join(' ')).join('; ');
    return returned ? `${words} → ${JSON.stringify(answers)}` : words;
  },
  describeState: (state) => JSON.stringify(Object.fromEntries(state)),
};
