/** What a seed stands for: a cluster, its load, and at least ten faults in a minute of simulated time. */

import { SeededRandom } from '../../../machines/random.ts';
import type { Fault, ScheduledFault, Whom } from '../faults.ts';
import type { Conditions } from '../network.ts';
import type { SimulationOptions } from '../simulation.ts';

export interface Plan {
  readonly seed: number;
  readonly options: SimulationOptions;
  readonly durationMs: number;
  readonly schedule: readonly ScheduledFault[];
}

/** Simulated time of a run, until all is healed, ms. */
const durationMs = 60_000;
/** Some 260 commands in a run: one by one in one plan of four, in bursts of one to eight in the others. */
const steady = { everyMs: [50, 450] } as const;
const bursts = { everyMs: [200, 1700], burst: [1, 8] } as const;

export function planOf(seed: number, nodes = 5): Plan {
  const random = new SeededRandom(`plan ${seed}`);
  const options = drawOptions(random, seed, nodes);
  const schedule: ScheduledFault[] = [];
  const draw = new FaultDrawer(random, nodes, options.raft?.leaseReads === true);
  // Some come thick and fast, so that one hits the recovery from another.
  for (
    let atMs = 400;
    atMs < durationMs;
    atMs += random.next() < 0.35 ? between(random, 5, 400) : between(random, 400, 3500)
  ) {
    schedule.push({ atMs: Math.round(atMs), fault: draw.next() });
  }
  return { seed, options, durationMs, schedule };
}

function between(random: SeededRandom, min: number, max: number): number {
  return min + random.next() * (max - min);
}

function drawOptions(random: SeededRandom, seed: number, nodes: number): SimulationOptions {
  const is = (share: number) => random.next() < share;
  const heartbeatMs = Math.round(between(random, 100, 400));
  const checkQuorum = is(0.8);
  return {
    ...{ nodes, seed, network: drawNetwork(random), transitions: false },
    // Slow against the network, now and then: much is said to be durable, or wrongly so, just before it is lost.
    disk: { syncMs: [0.2, is(0.5) ? 5 : 40], tornWrites: 0.5 },
    workload: { ...(is(0.25) ? steady : bursts), bytes: [1, 200], reads: 0.15 },
    raft: {
      ...{ heartbeatMs, electionTimeoutMinMs: 3 * heartbeatMs, electionTimeoutMaxMs: 6 * heartbeatMs },
      ...{ preVote: is(0.7), checkQuorum, noopAtTermStart: is(0.5) },
      leaseReads: checkQuorum && is(0.4),
    },
    // Above a quarter of a MiB a snapshot travels in several chunks.
    ...(is(0.7) && {
      snapshots: { everyEntries: Math.round(between(random, 5, 50)), bytes: is(0.1) ? 400_000 : 100 },
    }),
  };
}

function drawNetwork(random: SeededRandom): Partial<Conditions> {
  return {
    ...{ hopMs: [1, between(random, 1, 30)], duplication: between(random, 0, 0.05) },
    ...{ requestLoss: between(random, 0, 0.1), replyLoss: between(random, 0, 0.1) },
    ...(random.next() < 0.3 && { lateReplies: 0.3, lateReplyMs: [200, 2200] }),
    ...(random.next() < 0.3 && { lateRequests: 0.05, lateRequestMs: [50, 2000] }),
    ...(random.next() < 0.2 && { deadCallMs: [0, 7000] }),
  };
}

class FaultDrawer {
  readonly #random: SeededRandom;
  readonly #ids: readonly string[];
  /** Lease reads are sound as long as clocks differ by no more than they may. */
  readonly #clockRates: readonly [number, number];

  constructor(random: SeededRandom, nodes: number, leaseReads: boolean) {
    this.#random = random;
    this.#ids = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
    this.#clockRates = leaseReads ? [0.96, 1.04] : [0.5, 2];
  }

  next(): Fault {
    const faults: readonly (readonly [weight: number, draw: () => Fault])[] = [
      [14, () => ({ type: 'crash', node: this.#whom() })],
      [12, () => ({ type: 'restartAll' })],
      [4, () => ({ type: 'restart', node: this.#anyone() })],
      // All at once, and whoever led stays away for a while: what only it had is missed now or never.
      [5, () => ({ type: 'powerCut', butNot: this.#whom() })],
      [9, () => this.#partition()],
      [7, () => ({ type: 'isolate', node: this.#whom() })],
      [9, () => ({ type: 'cut', from: this.#whom(), to: this.#anyone() })],
      [14, () => ({ type: 'heal' })],
      [8, () => ({ type: 'pause', node: this.#whom(), ms: Math.round(this.#between(50, 3000)) })],
      [4, () => ({ type: 'clockRate', node: this.#anyone(), rate: this.#between(...this.#clockRates) })],
      [3, () => ({ type: 'network', conditions: drawNetwork(this.#random) })],
      [3, () => ({ type: 'disk', node: this.#whom(), conditions: { syncMs: [1, 200], tornWrites: 0.5 } })],
      [2, () => ({ type: 'disk', node: this.#whom(), conditions: { writeFailures: 0.3, tornWrites: 0.5 } })],
      [8, () => ({ type: 'transfer', to: this.#anyone() })],
    ];
    let place = this.#random.next() * faults.reduce((sum, [weight]) => sum + weight, 0);
    const drawn = faults.find(([weight]) => {
      place -= weight;
      return place < 0;
    });
    return drawn?.[1]() ?? { type: 'heal' };
  }

  #between(min: number, max: number): number {
    return between(this.#random, min, max);
  }

  #anyone(): string {
    return this.#ids[Math.floor(this.#random.next() * this.#ids.length)] ?? 'n1';
  }

  /** Rather someone who matters. */
  #whom(): Whom {
    const choice = this.#random.next();
    if (choice < 0.35) return 'the leader';
    if (choice < 0.45) return 'the longest log';
    return choice < 0.5 ? 'the shortest log' : this.#anyone();
  }

  #partition(): Fault {
    const side = this.#ids.filter(() => this.#random.next() < 0.5);
    return { type: 'partition', groups: [side, this.#ids.filter((id) => !side.includes(id))] };
  }
}
