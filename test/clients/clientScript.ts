/** What one client asks, drawn from its seed: a few keys that all clients share for a while, then the next ones. */
import { SeededRandom } from 'xstate-raft/testing';
import type { Asked, Command } from './commandModel.ts';

/** So many groups of keys are in use at a time: clients meet, and the search for an order stays small. */
const groupsAtATime = 3;
/** The clients go on to the next groups when so much was asked. */
const operationsMax = 150;

export class ClientScript {
  readonly #name: string;
  readonly #hasTransactions: boolean;
  readonly #random: SeededRandom;
  #values = 0;

  constructor(name: string, seed: number, hasTransactions: boolean) {
    this.#name = name;
    this.#hasTransactions = hasTransactions;
    this.#random = new SeededRandom(`${name} ${seed}`);
  }

  /** @param asked how much all clients have asked so far; what makes the search hard counts for more */
  next(asked: number): Asked {
    const place = Math.floor(this.#random.next() * groupsAtATime);
    const group = `{${Math.floor(asked / operationsMax)}.${place}}`;
    return { group, commands: this.#draw(`${group}a`, `${group}b`, `${group}n`) };
  }

  pauseMs(): number {
    return 10 + this.#random.next() * 50;
  }

  /** Until it gives up on a command: some return while their node is cut off, some do not. */
  patienceMs(): number {
    return 1000 + this.#random.next() * 3000;
  }

  #draw(a: string, b: string, n: string): readonly Command[] {
    const forms: (() => Command[])[] = [
      () => [['GET', a]],
      () => [['GET', b]],
      () => [['GET', n]],
      () => [['MGET', a, b, n]],
      () => [['SET', a, this.#value()]],
      () => [['SET', b, this.#value(), 'NX']],
      () => [['SET', a, this.#value(), 'GET']],
      () => [['MSET', a, this.#value(), b, this.#value()]],
      () => [['APPEND', a, this.#value()]],
      () => [['APPEND', b, this.#value()]],
      () => [['INCR', n]],
      () => [['INCR', n]],
      () => [['DEL', a, b]],
    ];
    if (this.#hasTransactions) {
      forms.push(
        () => [
          ['SET', a, this.#value()],
          ['INCR', n],
          ['GET', b],
        ],
        () => [
          ['GET', a],
          ['APPEND', b, this.#value()],
          ['MGET', a, b],
        ],
      );
    }
    return forms[Math.floor(this.#random.next() * forms.length)]?.() ?? [];
  }

  /** No other is like it. */
  #value(): string {
    this.#values += 1;
    return `<${this.#name} ${this.#values}>`;
  }
}
