/**
 * Hands things to applications outside any transition, in order, never nested: what an application does in a callback
 * finds the machines at rest.
 */
export class DeliveryQueue {
  #tasks: (() => void)[] = [];
  #draining = false;
  #closed = false;

  push(task: () => void): void {
    if (this.#closed) return;
    this.#tasks.push(task);
    if (this.#draining) return;
    this.#draining = true;
    queueMicrotask(() => this.#drain());
  }

  /** Nothing waits, and nothing is being handed out. */
  get isEmpty(): boolean {
    return this.#tasks.length === 0 && !this.#draining;
  }

  /** Nothing more is handed out. */
  close(): void {
    this.#closed = true;
    this.#tasks = [];
  }

  #drain(): void {
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      try {
        task();
      } catch (error) {
        // The application's own error: it surfaces as one, and the queue goes on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    this.#draining = false;
  }
}
