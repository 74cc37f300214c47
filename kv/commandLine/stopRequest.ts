/** How a process that runs until it is told to stop is told: Ctrl-C, `kill`, a terminal that is closed. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes a terminal's Ctrl-C on to a process that has got it already: what comes this soon is no second one. */
const echoMs = 500;

export interface StopRequest {
  /** Aborted when this process is to stop. */
  readonly asked: AbortSignal;
  /** Aborted when it is asked again: stop now, whatever is under way. */
  readonly insisted: AbortSignal;
  /** A reason to stop that is no signal. */
  ask(): void;
  /** Signals do what they do by default, again. */
  release(): void;
}

export function takeStopRequests(): StopRequest {
  const asked = new AbortController();
  const insisted = new AbortController();
  let askedAt = 0;
  const onSignal = (): void => {
    if (!asked.signal.aborted) {
      askedAt = performance.now();
      asked.abort();
    } else if (performance.now() - askedAt > echoMs) insisted.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    ...{ asked: asked.signal, insisted: insisted.signal, ask: () => asked.abort() },
    release: () => signals.forEach((signal) => void process.off(signal, onSignal)),
  };
}

/** Settles when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
