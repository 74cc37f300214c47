/** A number for each state that a search has met, so that a configuration is a row of numbers. */
import type { Model } from './model.ts';

export class StateTable<State extends NonNullable<unknown> | null, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #states: State[] = [];
  readonly #numbers = new Map<unknown, number>();
  /** Roughly what the states take in memory. */
  bytes = 0;

  constructor(model: Model<State, Input, Output>) {
    this.#model = model;
  }

  state(number: number): State {
    return this.#states[number] as State; // Numbers are given out by numberOf alone.
  }

  numberOf(state: State): number {
    const key = this.#model.key ? this.#model.key(state) : state;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#states.push(state) - 1;
    this.#numbers.set(key, number);
    this.bytes += 100 + (typeof key === 'string' ? 2 * key.length : 0);
    return number;
  }

  /** The number of the state after an operation; -1 if it cannot have this output. */
  step(number: number, input: Input, output: Output | undefined, returned: boolean): number {
    const state = this.state(number);
    const next = this.#model.step(state, input, output, returned);
    if (next === undefined) return -1;
    return next === state ? number : this.numberOf(next);
  }
}
