/**
 * Sees early that an order leads nowhere: a read is left whose value is not there, and nothing is left that could bring
 * it. Without this the search learns of it only when the read returns, and tries all orders of what took effect in
 * between. It lives on the model's hints.
 *
 * Reads with the same input and output are a class. A class is bound to the present while nothing is left that can
 * precede its reads: the state has to fit. It is bound to the past while no restart is left that can lead to them: the
 * state has to be one that can.
 */
import type { HistoryOperation } from './history.ts';
import { LinkedNumbers } from './linkedNumbers.ts';
import type { Hints } from './model.ts';

/** Pairs of a write and a class of reads that are looked at: a few seconds' work, for some 20,000 operations on one key. */
const pairsMax = 250_000_000;

/** Pairs that are kept: above it almost anything can bring anything, and there is little to see. */
const pairsKeptMax = 10_000_000;

/** States for which the reads that they can lead to are kept. */
const statesKeptMax = 10_000;

/** How many reads, of those that return next, are asked whether the state can lead to them. */
const readsAhead = 4;

export class Lookahead<State extends NonNullable<unknown> | null, Input, Output> {
  readonly #hints: Hints<State, Input, Output>;
  readonly #operations: readonly HistoryOperation<Input, Output>[];
  /** By class: an operation, as a sample of its reads; how many of them are left. */
  readonly #samples: number[] = [];
  readonly #readsLeft: number[] = [];
  /** By class: how many operations are left that can precede its reads, and how many restarts that can lead to them. */
  readonly #bringersLeft: Int32Array;
  readonly #restartsLeft: Int32Array;
  /** By operation: the class of a read, -1 for others. */
  readonly #classOf: Int32Array;
  /** By operation: the classes that it can precede, and those that it can lead to as a restart. */
  readonly #brings: number[][] = [];
  readonly #leadsTo: number[][] = [];
  /** By state, for some: the classes that it can lead to. */
  readonly #reachable = new Map<number, number[]>();
  /** By operation: whether it is a write that depends on the state. */
  readonly #isConditional: boolean[] = [];
  #conditionalLeft = 0;
  /** Classes bound to the present. */
  readonly #bound: LinkedNumbers;
  /** Reads that are left, in the order of their returns. */
  readonly #reads: LinkedNumbers;

  /** @param operations in the order of their numbers */
  constructor(hints: Hints<State, Input, Output>, operations: readonly HistoryOperation<Input, Output>[]) {
    this.#hints = hints;
    this.#operations = operations;
    this.#classOf = new Int32Array(operations.length).fill(-1);
    this.#findClasses();
    const classes = this.#samples.length;
    this.#bringersLeft = new Int32Array(classes);
    this.#restartsLeft = new Int32Array(classes);
    this.#findPairs();
    this.#bound = new LinkedNumbers(classes);
    this.#reads = new LinkedNumbers(operations.length);
    const returnedAt = (operation: number) => operations[operation]?.returnedAt ?? 0;
    const reads = [...operations.keys()].filter((operation) => this.#classOf[operation] !== -1);
    // Each is put in front of the others.
    for (const read of reads.sort((a, b) => returnedAt(b) - returnedAt(a))) this.#reads.add(read);
    for (const of of this.#samples.keys()) this.#bind(of);
  }

  take(operation: number): void {
    const read = this.#classOf[operation] ?? -1;
    if (read !== -1) this.#reads.remove(operation);
    this.#count(operation, read, -1);
  }

  /** Undoes the last `take` that is not undone. */
  putBack(operation: number): void {
    const read = this.#classOf[operation] ?? -1;
    if (read !== -1) this.#reads.putBack(operation);
    this.#count(operation, read, 1);
  }

  /** Whether a read is left that can never be taken, now that the object is in `state`. */
  isHopeless(state: State, fits: (read: number) => boolean): boolean {
    for (let of = this.#bound.first; of !== -1; of = this.#bound.after(of)) {
      if (!fits(this.#samples[of] ?? 0)) return true;
    }
    let read = this.#reads.first;
    for (let ahead = 0; ahead < readsAhead && read !== -1; ahead += 1, read = this.#reads.after(read)) {
      if (this.#restartsLeft[this.#classOf[read] ?? 0] !== 0) continue;
      const { input, output } = this.#operations[read] ?? {};
      if (input !== undefined && !this.#hints.canLeadTo(state, input, output)) return true;
    }
    return false;
  }

  /**
   * Whether no read that is left can tell that an operation led to this state, so that one which need not take effect may
   * as well not: the next restart hides it. `number` is the state's own.
   */
  isIdle(number: number, state: State): boolean {
    if (this.#conditionalLeft !== 0 || this.#samples.length === 0) return false;
    let classes = this.#reachable.get(number);
    if (!classes) {
      if (this.#reachable.size > statesKeptMax) this.#reachable.clear();
      classes = this.#classesFrom(state);
      this.#reachable.set(number, classes);
    }
    return !classes.some((of) => this.#readsLeft[of] !== 0);
  }

  #classesFrom(state: State): number[] {
    return [...this.#samples.keys()].filter((of) => {
      const read = this.#operations[this.#samples[of] ?? 0];
      return read !== undefined && this.#hints.canLeadTo(state, read.input, read.output);
    });
  }

  #count(operation: number, read: number, change: number): void {
    if (read !== -1) {
      this.#readsLeft[read] = (this.#readsLeft[read] ?? 0) + change;
      this.#bind(read);
      return;
    }
    if (this.#isConditional[operation]) this.#conditionalLeft += change;
    for (const of of this.#brings[operation] ?? []) {
      this.#bringersLeft[of] = (this.#bringersLeft[of] ?? 0) + change;
      this.#bind(of);
    }
    for (const of of this.#leadsTo[operation] ?? []) {
      this.#restartsLeft[of] = (this.#restartsLeft[of] ?? 0) + change;
    }
  }

  #bind(of: number): void {
    const isBound = this.#readsLeft[of] !== 0 && this.#bringersLeft[of] === 0;
    if (isBound === this.#bound.has(of)) return;
    if (isBound) this.#bound.add(of);
    else this.#bound.remove(of);
  }

  #findClasses(): void {
    const byContent = new Map<string, number>();
    this.#operations.forEach(({ input, output, returnedAt }, operation) => {
      if (!this.#hints.isRead(input) || returnedAt === undefined) return;
      const content = contentOf([input, output]);
      const of = byContent.get(content) ?? this.#samples.push(operation) - 1;
      byContent.set(content, of);
      this.#classOf[operation] = of;
      this.#readsLeft[of] = (this.#readsLeft[of] ?? 0) + 1;
    });
  }

  #findPairs(): void {
    const hints = this.#hints;
    const samples = this.#samples.flatMap((sample) => this.#operations[sample] ?? []);
    let kept = 0;
    const isTooMuch = () => kept > pairsKeptMax || samples.length * this.#operations.length > pairsMax;
    for (const { input } of this.#operations) {
      const brings: number[] = [];
      const leadsTo: number[] = [];
      this.#brings.push(brings);
      this.#leadsTo.push(leadsTo);
      const isRead = hints.isRead(input);
      const isConditional = !isRead && hints.isConditional(input);
      this.#isConditional.push(isConditional);
      if (isConditional) this.#conditionalLeft += 1;
      const start = isRead ? undefined : hints.restart(input);
      if (isRead || isTooMuch()) continue;
      for (let of = 0; of < samples.length; of += 1) {
        const read = samples[of];
        if (!read) continue;
        if (hints.canPrecede(input, read.input, read.output)) brings.push(of);
        if (start !== undefined && hints.canLeadTo(start, read.input, read.output)) leadsTo.push(of);
      }
      kept += brings.length + leadsTo.length;
    }
    if (isTooMuch()) {
      for (const list of [this.#samples, this.#brings, this.#leadsTo]) list.length = 0;
      this.#classOf.fill(-1);
    }
    for (const of of this.#brings.flat()) this.#bringersLeft[of] = (this.#bringersLeft[of] ?? 0) + 1;
    for (const of of this.#leadsTo.flat()) this.#restartsLeft[of] = (this.#restartsLeft[of] ?? 0) + 1;
  }
}

/** Text that differs where plain data does; JSON alone takes some values for others. */
function contentOf(data: unknown): string {
  return JSON.stringify(data, (_, value: unknown) => {
    if (typeof value === 'string') return `"${value}`;
    const isJson = typeof value === 'object' || typeof value === 'boolean' || Number.isFinite(value);
    return isJson ? value : `${typeof value} ${String(value)}`;
  });
}
