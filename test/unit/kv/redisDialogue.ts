/** A dialogue with the commands of the Redis front: what is said, and what Redis 7.0 replies to it, one after another. */
import { expect } from 'chai';
import { Applied } from './applied.ts';
import { replyTo } from './redisDispatch.ts';

export type Dialogue = readonly (readonly [command: string, reply: string])[];

/** As redis-cli shows a reply: bulk strings without their length, the parts of a list side by side. */
export function shown(reply: string): string {
  const lines = reply.replace(/\r\n$/, '').split('\r\n');
  return lines
    .filter((line) => !/^\$\d+$/.test(line))
    .map((line) => (line === '$-1' ? '(nil)' : line))
    .join(' ');
}

/** Words of a command; an empty one is written as "". */
export function wordsOf(command: string): string[] {
  return command.split(' ').map((word) => (word === '""' ? '' : word));
}

/** Defines a test for each thing that is said, all to the same state. */
export function itReplies(dialogue: Dialogue): void {
  const applied = new Applied(1_700_000_000_000);
  for (const [command, reply] of dialogue) {
    it(`replies ${reply.slice(0, 40)} to ${command.slice(0, 60)}`, () => {
      expect(shown(replyTo(applied, ...wordsOf(command)))).to.equal(reply);
    });
  }
}
