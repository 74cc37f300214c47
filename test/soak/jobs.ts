/** Shares seeds out among processes, one at a time. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Errand, Outcome } from './job.ts';

const script = fileURLToPath(new URL('./job.ts', import.meta.url));

/**
 * Runs every errand, `jobs` at a time.
 * @param hear is told of each outcome, in the order in which they come
 * @throws an error that names the errand, if a process ends by itself
 */
export async function runErrands(
  errands: Iterator<Errand>,
  jobs: number,
  signal: AbortSignal,
  hear: (outcome: Outcome) => void,
): Promise<void> {
  await Promise.all(Array.from({ length: jobs }, () => runJob(errands, signal, hear)));
}

async function runJob(errands: Iterator<Errand>, signal: AbortSignal, hear: (outcome: Outcome) => void) {
  const child = fork(script, {
    // As many processes as cores: there is none left for a collector of their own.
    execArgv: ['--conditions=xstate-raft-source', '--import', 'tsx', '--single-threaded-gc'],
    ...{ signal, killSignal: 'SIGKILL' },
  });
  let current: Errand | undefined;
  const next = () => {
    const { value, done } = errands.next();
    current = done ? undefined : value;
    if (current && !signal.aborted) child.send(current);
    else child.disconnect();
  };
  await new Promise<void>((resolve, reject) => {
    child.on('message', (outcome: Outcome) => {
      hear(outcome);
      next();
    });
    child.once('error', (error) => (signal.aborted ? resolve() : reject(error)));
    child.once('exit', (code, killedBy) => {
      if (signal.aborted || !current) resolve();
      else reject(new Error(`The process of seed ${current.seed} ended with ${killedBy ?? code}.`));
    });
    next();
  });
}
