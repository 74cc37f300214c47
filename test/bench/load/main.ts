/** The load generator: a process that does what it is told by the one that started it, and ends with it. */
import { closedLoop } from './closedLoop.ts';
import type { FromLoad, ToLoad } from './job.ts';
import { Probe } from './probe.ts';

let probe: Probe | undefined;
let finish = new AbortController();

function answer(message: FromLoad): void {
  process.send?.(message);
}

async function obey(message: ToLoad): Promise<void> {
  switch (message.type) {
    case 'load':
      finish = new AbortController();
      answer({ type: 'loaded', result: await closedLoop(message.job, finish.signal) });
      return;
    case 'probe':
      probe = new Probe(message.job);
      await probe.begin();
      answer({ type: 'probing' });
      return;
    case 'watchSilence':
      probe?.watchSilence();
      return;
    case 'askSilence':
      if (probe) answer({ type: 'silence', silence: probe.silence() });
      return;
    case 'finish':
      finish.abort();
      probe?.end();
      if (probe) answer({ type: 'probed' });
      probe = undefined;
  }
}

process.on('message', (message: ToLoad) => {
  obey(message).catch((error: unknown) => {
    answer({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});
// Ctrl-C goes to all processes of a terminal: the one that started this decides when it ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
