/** One turn of the event loop: every promise that can settle without a timer or a file has done so. */
export const turn: () => Promise<void> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : turnsOfMessages();

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
}

/** Where there is no setImmediate, in a browser: a message to oneself is a task like any other, and never throttled. */
function turnsOfMessages(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel() as unknown as { readonly port1: Port; readonly port2: Port }; // a browser's
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
