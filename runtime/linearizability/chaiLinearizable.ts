/** A chai plugin: `chai.use(chaiLinearizable)`, then `expect(history).to.be.linearizable(model)`. Chai itself is not imported. */
import { type CheckOptions, checkLinearizability, type Verdict } from './checkLinearizability.ts';
import type { History } from './history.ts';
import type { Model } from './model.ts';
import { writeTimeline } from './timelineFile.ts';
import { timelineHtml } from './timelineHtml.ts';
import { failureInWords, stretchInWords } from './words.ts';

export interface LinearizableOptions extends CheckOptions {
  /** After so many ms the assertion fails, because the answer is unknown; 10,000 by default. */
  readonly timeLimitMs?: number;
  /**
   * The file to which a timeline of a failure is written, an HTML page; false for none. By default it is a file in the
   * system's folder for temporary files, and the message names it.
   */
  readonly timeline?: string | false;
}

declare global {
  namespace Chai {
    interface Assertion {
      /**
       * The history is linearizable: its operations can have taken effect one by one, each between its call and its return,
       * as the model says. An answer that is not found within the limits fails the assertion, negated or not.
       */
      linearizable<State extends NonNullable<unknown> | null, Input, Output>(
        model: Model<State, Input, Output>,
        options?: LinearizableOptions,
      ): Assertion;
    }
  }
}

/** The types of the assertion have seen to it that the model is of the history's types; which those are is nothing to the plugin. */
type AnyModel = Model<null, unknown, unknown>;

/** What the plugin needs of chai. */
export interface ChaiForPlugin {
  readonly Assertion: {
    addMethod(
      name: string,
      method: (this: object, model: AnyModel, options?: LinearizableOptions) => void,
    ): void;
  };
  readonly AssertionError: new (message: string) => Error;
}

export interface ChaiUtilsForPlugin {
  flag(assertion: object, name: string): unknown;
}

const defaultTimeLimitMs = 10_000;

export function chaiLinearizable(chai: ChaiForPlugin, utils: ChaiUtilsForPlugin): void {
  chai.Assertion.addMethod('linearizable', function (model: AnyModel, options: LinearizableOptions = {}) {
    // The type of the assertion says so; a value that is no history is found by the check.
    const history = utils.flag(this, 'object') as History<unknown, unknown>;
    const prefix = utils.flag(this, 'message');
    const verdict = checkLinearizability(history, model, { timeLimitMs: defaultTimeLimitMs, ...options });
    const isNegated = utils.flag(this, 'negate') === true;
    if (verdict.verdict === (isNegated ? 'notLinearizable' : 'linearizable')) return;
    const message = messageOf(verdict, history, model, options);
    throw new chai.AssertionError(typeof prefix === 'string' ? `${prefix}: ${message}` : message);
  });
}

function messageOf(
  verdict: Verdict<null, unknown, unknown>,
  history: History<unknown, unknown>,
  model: AnyModel,
  options: LinearizableOptions,
): string {
  const what = `the history of ${history.length} operations`;
  if (verdict.verdict === 'linearizable') return `expected ${what} not to be linearizable, and it is`;
  if (verdict.verdict === 'unknown') {
    const { timeLimitMs = defaultTimeLimitMs } = options;
    const limit = verdict.reason === 'timeLimit' ? `the time limit of ${timeLimitMs} ms` : 'the memory limit';
    const parts = model.partition ? `: undecided ${verdict.undecided.slice(0, 10).join(', ')}` : '';
    return `it is unknown whether ${what} is linearizable: ${limit} was met${parts}`;
  }
  const { failure } = verdict;
  const lines = [
    `expected ${what} to be linearizable, and it is not.`,
    failureInWords(model, failure),
    ...stretchInWords(model, failure).map((line) => `  ${line}`),
  ];
  if (options.timeline !== false) lines.push(written(timelineHtml(model, failure), options.timeline));
  return lines.join('\n');
}

/** A disk that takes no timeline must not hide the failure. */
function written(html: string, path: string | undefined): string {
  try {
    return `Timeline: ${writeTimeline(html, path)}`;
  } catch (error) {
    return `The timeline could not be written: ${error instanceof Error ? error.message : String(error)}`;
  }
}
