/** One direction of a connection, which can be held up: what is sent waits, as in TCP, until it goes on. */
import type { Socket } from 'node:net';

export class Gate {
  #isOpen = true;
  readonly #flows = new Set<() => void>();

  get isOpen(): boolean {
    return this.#isOpen;
  }

  set isOpen(isOpen: boolean) {
    this.#isOpen = isOpen;
    for (const settle of this.#flows) settle();
  }

  /** Passes on what comes from `source`, and its end, which is held up, too. */
  connect(source: Socket, sink: Socket): void {
    let isOver = false;
    const settle = (): void => {
      if (!this.#isOpen) {
        source.pause();
      } else if (isOver) {
        this.#flows.delete(settle);
        sink.destroy();
      } else {
        source.resume();
      }
    };
    this.#flows.add(settle);
    source.on('data', (bytes) => {
      if (sink.writable) sink.write(bytes);
    });
    source.on('error', () => {}); // 'close' follows
    source.on('close', () => {
      isOver = true;
      settle();
    });
    settle();
  }
}
