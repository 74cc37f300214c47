/** Measures what the clients of a node do, from what its front counts anyway. */
import type { ClientLoad } from '../../runtime/observation/clusterFrame.ts';
import type { RedisFront } from '../redis/front.ts';

/** What is counted: the last so many ms. */
const windowMs = 2000;

interface Sample {
  readonly time: number;
  readonly calls: number;
  readonly microseconds: number;
}

export class ClientGauge {
  readonly #front: Pick<RedisFront, 'connections' | 'commandTotal'>;
  readonly #now: () => number;
  /** The oldest is the last one before the window, if there is one. */
  #samples: Sample[] = [];

  /** @param now in ms */
  constructor(front: Pick<RedisFront, 'connections' | 'commandTotal'>, now: () => number) {
    this.#front = front;
    this.#now = now;
    this.#sample();
  }

  measure(): ClientLoad {
    const last = this.#sample();
    const first = this.#samples[0] ?? last;
    const calls = last.calls - first.calls;
    const seconds = (last.time - first.time) / 1000;
    return {
      connected: this.#front.connections(),
      commandsPerSecond: seconds > 0 ? calls / seconds : 0,
      commandMsMean: calls > 0 ? (last.microseconds - first.microseconds) / calls / 1000 : null,
    };
  }

  #sample(): Sample {
    const sample = { time: this.#now(), ...this.#front.commandTotal() };
    // CONFIG RESETSTAT counts anew.
    if (sample.calls < (this.#samples.at(-1)?.calls ?? 0)) this.#samples = [];
    this.#samples.push(sample);
    const begin = sample.time - windowMs;
    while ((this.#samples[1]?.time ?? begin + 1) <= begin) this.#samples.shift();
    return sample;
  }
}
