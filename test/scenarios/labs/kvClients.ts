/** Clients of the scenarios of the key/value service: each does one operation after another until the load is over. */
import { expect } from 'chai';
import type { Clerk } from 'xstate-raft';
import type { SeededRandom } from 'xstate-raft/testing';

/** What a client does, and for how long. */
export interface Load {
  readonly clerk: Clerk;
  readonly client: number;
  readonly random: SeededRandom;
  /** What it does between two operations. */
  readonly think: () => Promise<void>;
  readonly isOver: () => boolean;
}

/** What the nth append of a client appends. */
function tag(client: number, n: number): string {
  return `(${client},${n})`;
}

/** Appends, and reads its own key as often: what it reads is what it has appended, each once, in order. */
export async function useOwnKey({ clerk, client, random, think, isOver }: Load): Promise<string> {
  const key = `${client}`;
  let appended = '';
  await clerk.put(key, appended);
  for (let n = 0; !isOver(); ) {
    if (random.next() < 0.5) {
      await clerk.append(key, tag(client, n));
      appended += tag(client, n);
      n += 1;
    } else expect(await clerk.get(key), `what client ${client} reads of its key`).to.equal(appended);
    await think();
  }
  return appended;
}

/** Appends to, reads and sometimes overwrites any of `keys` keys: whether that was right, only the history can tell. */
export async function useAnyKey({ clerk, client, random, think, isOver }: Load, keys: number): Promise<void> {
  for (let n = 0; !isOver(); n += 1) {
    const key = `${Math.floor(random.next() * keys)}`;
    const chance = random.next();
    if (chance < 0.5) await clerk.append(key, tag(client, n));
    else if (chance < 0.55) await clerk.put(key, tag(client, n));
    else await clerk.get(key);
    await think();
  }
}

/** Appends so often to a key that others use as well. */
export async function appendTo(key: string, clerk: Clerk, client: number, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await clerk.append(key, tag(client, n));
}

/** The tags of a client in a value, as they follow each other there, and what they should be. */
export function tagsOf(client: number, times: number, value: string) {
  const found = value.match(/\(\d+,\d+\)/g) ?? [];
  return {
    found: found.filter((one) => one.startsWith(`(${client},`)),
    expected: Array.from({ length: times }, (_, n) => tag(client, n)),
  };
}
