/** A scenario of the labs, defined once: mocha runs it as a test, and the page tells it as a story. */
import type { Cluster, KvCluster, SeededRandom } from 'xstate-raft/testing';

/** What every bench is made with. */
export interface BenchOptions {
  readonly seed: string;
  readonly realTime: boolean;
  /** ms of its clock */
  readonly limitMs: number;
}

export interface Telling {
  /** Draws what happens in the story, from the seed of the run. */
  readonly random: SeededRandom;
  readonly realTime: boolean;
  /** Says what goes on, in plain words, to whoever looks on. */
  readonly say: (caption: string) => void;
  /** How often something happens: so often, or to somebody who looks on as often as is enough to see it. */
  readonly times: (whole: number, brief: number) => number;
}

export interface LabScenario {
  readonly name: string;
  /** What happens and what must hold. */
  readonly about: string;
  open(options: BenchOptions): OpenScenario;
}

/** A bench that was made, and the story that it is for: to be told once, and then to be stopped. */
export interface OpenScenario {
  readonly bench: Cluster | KvCluster;
  play(telling: Telling): Promise<void>;
}

export function labScenario<B extends Cluster | KvCluster>(
  name: string,
  about: string,
  make: (options: BenchOptions) => B,
  story: (bench: B, telling: Telling) => Promise<void>,
): LabScenario {
  return {
    ...{ name, about },
    open(options) {
      const bench = make(options);
      return { bench, play: (telling) => story(bench, telling) };
    },
  };
}
