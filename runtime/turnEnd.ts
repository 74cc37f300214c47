/**
 * The end of a turn of the event loop: when the sockets that it found readable have been read. What is done there may
 * lead to more for the same end, such as a client's commands to entries, and these to messages: it follows at once, and
 * no further turn is spent on it.
 */

/** After so many the sockets are read again, whatever is left. */
const tasksMax = 256;

class TurnEnd {
  #tasks: (() => void)[] = [];
  #isDue = false;

  add(task: () => void): void {
    this.#tasks.push(task);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    let begun = 0;
    try {
      // They grow meanwhile.
      for (const task of this.#tasks) {
        if (begun === tasksMax) break;
        begun += 1;
        task();
      }
    } finally {
      // Also behind one that throws.
      this.#tasks = this.#tasks.slice(begun);
      this.#isDue = this.#tasks.length > 0;
      if (this.#isDue) setImmediate(this.#run);
    }
  };
}

const turnEnd = new TurnEnd();

/** Runs the task at the end of this turn, behind those that were given before. */
export function atTurnEnd(task: () => void): void {
  turnEnd.add(task);
}
