/**
 * Work on the folder that no write waits for, one thing after the other: making, reusing and removing files. An error
 * of the disk is final wherever it occurs, so this is also where all ask whether anything may still be done.
 */
import { StorageFailed } from './errors.ts';

export class Background {
  #last: Promise<void> = Promise.resolve();
  #stoppedBy: Error | undefined;

  /** The first error, or that the storage is closed: nothing is begun any more. */
  get stoppedBy(): Error | undefined {
    return this.#stoppedBy;
  }

  stop(reason: unknown): void {
    this.#stoppedBy ??=
      reason instanceof Error ? reason : new StorageFailed('use', 'the data folder', reason);
  }

  /** Settles like the task, or with the reason for which it never began. Its error stops all that is to come. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => {
      if (this.#stoppedBy) throw this.#stoppedBy;
      return task();
    });
    this.#last = result.then(
      () => {},
      (error) => this.stop(error),
    );
    return result;
  }

  /** Like `run`, for a task that nobody waits for. */
  start(task: () => Promise<void>): void {
    // Its error is known as `stoppedBy`; what was not begun is made up for when the folder is opened again.
    this.run(task).catch(() => {});
  }

  /** Settles when nothing is under way. */
  settled(): Promise<void> {
    return this.#last;
  }
}
