/** `notify-keyspace-events`: which changes of keys are told, and on which of their two channels. */
import { classOfEvent, type KeyEvent } from '../audience.ts';

export interface EventFlags {
  /** On `__keyspace@0__:key`. */
  readonly onKeyspace: boolean;
  /** On `__keyevent@0__:event`. */
  readonly onKeyevent: boolean;
  readonly events: ReadonlySet<KeyEvent>;
  /** In the order that Redis tells them. */
  readonly text: string;
}

/** Those of `A`. Redis has them all; here nothing happens that is of another class than g, $ and x. */
const all = 'g$lshzxetd';
/** Keys that are missing, and keys that are new, only where they are asked for by name. */
const besides = 'mn';
/** In the order of Redis' own complaint. */
export const eventCharacters = 'Ag$lshzxeKEtmdn';

/** Undefined: a character is none of Redis'. */
export function eventFlagsFrom(text: string): EventFlags | undefined {
  const given = new Set(text);
  for (const character of given) if (!eventCharacters.includes(character)) return undefined;
  const holds = (flag: string): boolean => given.has(flag) || (given.has('A') && all.includes(flag));
  const classes = [...all].every(holds) ? 'A' : [...all].filter(holds).join('');
  const names = Object.keys(classOfEvent) as KeyEvent[]; // its keys are nothing else
  return {
    onKeyspace: given.has('K'),
    onKeyevent: given.has('E'),
    events: new Set(names.filter((name) => holds(classOfEvent[name]))),
    text: classes + [...`KE${besides}`].filter(holds).join(''),
  };
}
