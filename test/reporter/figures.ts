/** The figures of a scenario's run, and how they get from its test to a reporter: as a property of the test. */

/** What the labs print of a run. */
export interface Figures {
  /** Of the clock that it ran on. */
  readonly seconds: number;
  readonly peers: number;
  readonly rpcs: number;
  /** Of requests and replies; the handout prints none for the key/value service. */
  readonly bytes?: number;
  /** Entries committed; operations of clients for the key/value service. */
  readonly commits: number;
}

declare global {
  namespace Mocha {
    interface Runnable {
      /** Set when a scenario has passed. */
      figures?: Figures;
    }
  }
}

/** The part of the labs that a test belongs to: the first word of its suite's title, such as 2A. */
export function partOf(test: Mocha.Test): string {
  return test.parent?.title.split(' ')[0] ?? '';
}
