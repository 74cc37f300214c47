/**
 * Looks for an order of a history's operations that a sequential object could have had: Wing and Gong's search (1993)
 * with Lowe's memoisation (2017), as a loop with a stack of its own, so that a history may be of any length.
 *
 * An operation can take effect next if it was called before the first return that is left in the list. Reads that fit the
 * state are taken at once and never taken back: they change nothing, so what was possible still is. Operations that never
 * returned are tried last: most are not needed.
 */
import { ConfigurationCache } from './configurationCache.ts';
import { eventListOf } from './eventList.ts';
import type { History } from './history.ts';
import { Lookahead } from './lookahead.ts';
import type { Model } from './model.ts';
import { OperationSet } from './operationSet.ts';
import { StateTable } from './stateTable.ts';

/** A point that a search can get to: what the object holds, and which operations have taken effect, as places in the history. */
export interface Configuration<State> {
  readonly state: State;
  readonly done: ReadonlySet<number>;
}

export interface SearchOptions<State> {
  /** The state to begin with; by default the model's first. */
  readonly from?: State;
  /** Whether to see early, by the model's hints, what leads nowhere; true unless given. It costs something beforehand. */
  readonly looksAhead?: boolean;
  /** Called for each configuration in which all that returned until `time` has taken effect; the search then goes on to the next. */
  readonly visit?: { readonly time: number; readonly each: (configuration: Configuration<State>) => void };
}

/** Lets go of all alternatives to what stands on the stack. */
const nothingLeft = -1;

export class Search<State extends NonNullable<unknown> | null, Input, Output> {
  readonly #history: History<Input, Output>;
  readonly #list: ReturnType<typeof eventListOf>;
  readonly #states: StateTable<State, Input, Output>;
  readonly #cache = new ConfigurationCache();
  readonly #done: OperationSet;
  readonly #isRead: Uint8Array;
  readonly #lookahead: Lookahead<State, Input, Output> | undefined;
  readonly #visit: SearchOptions<State>['visit'];
  /** The operations in the order in which they took effect, and the state before each. */
  readonly #stack: Int32Array;
  readonly #statesBefore: Int32Array;
  #depth = 0;
  /** How many of the operations that returned have taken effect. */
  #settled = 0;
  #state: number;
  /** The entry to try next. */
  #cursor = 0;
  /** The first return that is left, once the cursor is in the list of open calls. */
  #firstReturn = 0;
  /** Whether the configuration was just come to. */
  #isNew = true;
  #farthest = 0;
  #steps = 0;

  constructor(
    model: Model<State, Input, Output>,
    history: History<Input, Output>,
    options: SearchOptions<State> = {},
  ) {
    this.#history = history;
    this.#list = eventListOf(history);
    const { places, returned } = this.#list;
    this.#states = new StateTable(model);
    this.#state = this.#states.numberOf(options.from === undefined ? model.init() : options.from);
    this.#visit = options.visit;
    this.#done = new OperationSet(returned, places.length - returned);
    this.#isRead = Uint8Array.from(places, (place) => {
      const operation = history[place];
      return Number(operation !== undefined && model.hints?.isRead(operation.input) === true);
    });
    const operations = places.flatMap((place) => history[place] ?? []);
    // What is visited goes on with operations that are not in this history: it tells nothing of what is left.
    const isWhole = options.visit === undefined;
    const { looksAhead = isWhole } = options;
    this.#lookahead = model.hints && looksAhead ? new Lookahead(model.hints, operations) : undefined;
    this.#stack = new Int32Array(places.length);
    this.#statesBefore = new Int32Array(places.length);
  }

  /** Operations tried so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Roughly, what the search keeps in memory. */
  get bytes(): number {
    return this.#cache.bytes + this.#states.bytes;
  }

  /** Places in the history, in an order in which the operations can have taken effect; after `run` said true. */
  get order(): number[] {
    return Array.from(this.#stack.subarray(0, this.#depth), (operation) => this.#placeOf(operation));
  }

  /** The place of the operation that no order got beyond the return of; after `run` said false. */
  get farthest(): number {
    return this.#placeOf(this.#list.operationOf[this.#farthest] ?? 0);
  }

  /**
   * Goes on for at most so many steps.
   * @returns whether the history is linearizable; undefined while that is not known
   */
  run(steps: number): boolean | undefined {
    const { next, isCall, operationOf, returned, openAfter } = this.#list;
    const until = this.#steps + steps;
    while (this.#steps < until) {
      this.#steps += 1;
      if (this.#isNew) {
        this.#takeReads();
        if (this.#settled === returned && !this.#visit) return true;
        if (!this.#isHopeless() && this.#cache.add(this.#done, this.#state)) {
          if (this.#visit) this.#visitConfiguration(this.#visit);
          this.#cursor = next[0] ?? 0;
        } else this.#cursor = nothingLeft;
        this.#isNew = false;
      }
      const entry = this.#cursor;
      if (entry === nothingLeft) {
        if (!this.#takeBack()) return false;
      } else if (entry > 2 * returned) {
        const operation = operationOf[entry] ?? 0;
        // Later calls came after this return as well.
        if ((openAfter[operation] ?? 0) >= this.#firstReturn) this.#cursor = nothingLeft;
        else this.#attempt(operation, false);
      } else if (entry !== 0 && isCall[entry] === 1) {
        this.#attempt(operationOf[entry] ?? 0, true);
      } else {
        this.#firstReturn = entry === 0 ? next.length : entry;
        this.#cursor = next[2 * returned + 1] || nothingLeft;
      }
    }
    return undefined;
  }

  #attempt(operation: number, hasReturned: boolean): void {
    const state = this.#isRead[operation] === 1 ? -1 : this.#step(operation, hasReturned);
    if (state === -1 || (!hasReturned && this.#isIdle(state))) {
      const following = this.#list.next[this.#cursor] ?? 0;
      this.#cursor = following === 0 && !hasReturned ? nothingLeft : following;
      return;
    }
    this.#take(operation, state);
    this.#isNew = true;
  }

  #step(operation: number, hasReturned: boolean): number {
    const recorded = this.#history[this.#placeOf(operation)];
    if (!recorded) return -1;
    const output = hasReturned ? recorded.output : undefined;
    return this.#states.step(this.#state, recorded.input, output, hasReturned);
  }

  #takeReads(): void {
    const { next, previous, isCall, operationOf } = this.#list;
    let entry = next[0] ?? 0;
    while (entry !== 0 && isCall[entry] === 1) {
      const operation = operationOf[entry] ?? 0;
      const state = this.#isRead[operation] === 1 ? this.#step(operation, true) : -1;
      if (state !== -1) {
        if (state !== this.#state) this.#rejectModel(operation);
        const before = previous[entry] ?? 0;
        this.#take(operation, state);
        entry = next[before] ?? 0;
      } else entry = next[entry] ?? 0;
    }
    if (entry > this.#farthest) this.#farthest = entry;
  }

  /** Whether an open operation that leads to a state is as good as one that never takes effect. */
  #isIdle(state: number): boolean {
    return state === this.#state || this.#lookahead?.isIdle(state, this.#states.state(state)) === true;
  }

  #isHopeless(): boolean {
    if (!this.#lookahead) return false;
    const state = this.#states.state(this.#state);
    return this.#lookahead.isHopeless(state, (read) => this.#step(read, true) !== -1);
  }

  #take(operation: number, state: number): void {
    const { callOf, returnOf, returned } = this.#list;
    this.#stack[this.#depth] = operation;
    this.#statesBefore[this.#depth] = this.#state;
    this.#depth += 1;
    this.#state = state;
    this.#done.add(operation);
    this.#lookahead?.take(operation);
    this.#lift(callOf[operation] ?? 0);
    if (operation < returned) {
      this.#lift(returnOf[operation] ?? 0);
      this.#settled += 1;
    }
  }

  /** Takes back the last operation that has an alternative, and puts the cursor on that. */
  #takeBack(): boolean {
    const { next, callOf, returnOf, returned } = this.#list;
    while (this.#depth > 0) {
      this.#depth -= 1;
      const operation = this.#stack[this.#depth] ?? 0;
      this.#state = this.#statesBefore[this.#depth] ?? 0;
      this.#done.delete(operation);
      this.#lookahead?.putBack(operation);
      const call = callOf[operation] ?? 0;
      if (operation < returned) {
        this.#putBack(returnOf[operation] ?? 0);
        this.#settled -= 1;
      }
      this.#putBack(call);
      if (this.#isRead[operation] === 1) continue;
      this.#cursor = next[call] ?? 0;
      if (operation >= returned) {
        this.#firstReturn = this.#findFirstReturn();
        if (this.#cursor === 0) this.#cursor = nothingLeft;
      }
      return true;
    }
    return false;
  }

  #findFirstReturn(): number {
    const { next, isCall } = this.#list;
    let entry = next[0] ?? 0;
    while (entry !== 0 && isCall[entry] === 1) entry = next[entry] ?? 0;
    return entry === 0 ? next.length : entry;
  }

  #lift(entry: number): void {
    const { next, previous } = this.#list;
    const before = previous[entry] ?? 0;
    const after = next[entry] ?? 0;
    next[before] = after;
    if (after !== 0) previous[after] = before;
  }

  #putBack(entry: number): void {
    const { next, previous } = this.#list;
    next[previous[entry] ?? 0] = entry;
    const after = next[entry] ?? 0;
    if (after !== 0) previous[after] = entry;
  }

  #visitConfiguration({ time, each }: NonNullable<SearchOptions<State>['visit']>): void {
    const first = this.#list.operationOf[this.#findFirstReturn()] ?? -1;
    const returnedAt = first === -1 ? undefined : this.#history[this.#placeOf(first)]?.returnedAt;
    if (returnedAt !== undefined && returnedAt <= time) return;
    each({ state: this.#states.state(this.#state), done: new Set(this.order) });
  }

  #placeOf(operation: number): number {
    return this.#list.places[operation] ?? -1;
  }

  #rejectModel(operation: number): never {
    const recorded = this.#history[this.#placeOf(operation)];
    const input = JSON.stringify(recorded?.input);
    throw new Error(
      `The model says that ${input} is a read, but its step changes the state: correct the hint or the step.`,
    );
  }
}
