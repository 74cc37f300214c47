/** What the object under test is when one client at a time uses it: a history is judged against a model. */

/**
 * A sequential object. States are never changed in place: `step` returns a new one, or the one that it was given.
 *
 * @example A counter that is added to and read:
 * const counter: Model<number, number | 'read', number> = {
 *   init: () => 0,
 *   step(sum, input, output, returned) {
 *     if (input !== 'read') return sum + input;
 *     return !returned || output === sum ? sum : undefined;
 *   },
 * };
 */
export interface Model<State extends NonNullable<unknown> | null, Input, Output> {
  /** The state before the first operation. */
  init(): State;
  /**
   * The state after an operation that takes effect in `state`; undefined if it cannot have given this output there.
   * `returned` is false for one that never did: `output` is undefined then, and any output will do.
   */
  step(state: State, input: Input, output: Output | undefined, returned: boolean): State | undefined;
  /** What tells states apart, compared as a Map compares its keys. By default the state itself: enough for text and numbers. */
  key?(state: State): unknown;
  /**
   * Names the part of the object that an operation touches, such as its key. Parts are checked one by one, each beginning
   * with `init()`: operations on different parts must have nothing to do with each other.
   */
  partition?(input: Input): string;
  /** An operation in words, on one line; by default its input and output as JSON. */
  describe?(input: Input, output: Output | undefined, returned: boolean): string;
  /** A state in words; by default as JSON. */
  describeState?(state: State): string;
  /** What a search can know in advance. None is needed: they make it fast where many writes to one part are concurrent. */
  readonly hints?: Hints<State, Input, Output>;
}

/** Each must hold in every state: with a wrong one the answer is wrong. */
export interface Hints<State extends NonNullable<unknown> | null, Input, Output> {
  /** Whether an operation never changes the state. */
  isRead(input: Input): boolean;
  /** Whether a write has another effect, or cannot be, in some states, as a compare-and-set does; an append is none of these. */
  isConditional(input: Input): boolean;
  /** Whether a read can give this output if `input` was the last operation before it that changed the state; true in cases of doubt. */
  canPrecede(input: Input, read: Input, output: Output | undefined): boolean;
  /** The state that an operation leaves, if it changes anything, whatever was there before; undefined if it builds on that. */
  restart(input: Input): State | undefined;
  /** Whether a read can give this output in a state that was made of `from` without a restart; true in cases of doubt. */
  canLeadTo(from: State, read: Input, output: Output | undefined): boolean;
}
