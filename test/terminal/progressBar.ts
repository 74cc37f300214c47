/** One line that shows how far the runs are; without a terminal a line for every tenth of them. */

const width = 30;

export class ProgressBar {
  readonly #total: number;
  readonly #begun = performance.now();
  #done = 0;
  #failed = 0;

  constructor(total: number) {
    this.#total = total;
    if (process.stdout.isTTY) this.#show();
  }

  advance(failed: boolean): void {
    this.#done += 1;
    if (failed) this.#failed += 1;
    const tenths = (runs: number) => Math.floor((10 * runs) / this.#total);
    if (process.stdout.isTTY) this.#show();
    else if (tenths(this.#done) > tenths(this.#done - 1)) process.stdout.write(`${this.#counts()}\n`);
  }

  /** Prints something above the bar. */
  print(text: string): void {
    this.clear();
    process.stdout.write(`${text}\n`);
    if (process.stdout.isTTY) this.#show();
  }

  clear(): void {
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  }

  #show(): void {
    const filled = Math.floor((width * this.#done) / this.#total);
    const bar = '█'.repeat(filled).padEnd(width, '░');
    process.stdout.write(`\r\x1b[K${bar} ${this.#counts()}`);
  }

  #counts(): string {
    const seconds = Math.round((performance.now() - this.#begun) / 1000);
    return `${this.#done} of ${this.#total} runs, ${this.#failed} failed, ${seconds} s`;
  }
}
