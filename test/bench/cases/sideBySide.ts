/** Loads that are put on several systems in turn, and what their rounds say of each other. */
import type { Bench, Load } from '../bench.ts';
import type { Measurement } from '../measure/measurement.ts';
import { type Ratio, type Rounds, ratioOf } from '../measure/ratio.ts';
import type { LoadRounds } from '../report/roundsTable.ts';
import type { System, SystemName } from '../systems/system.ts';

export type NamedLoads = Readonly<Record<string, Load>>;

/** Figures that ratios are made of. */
export const figures = {
  throughput: ({ perSecond }: Measurement) => perSecond,
  p50: ({ p50Ms }: Measurement) => p50Ms,
  p99: ({ p99Ms }: Measurement) => p99Ms,
  cpu: ({ cpuMicros }: Measurement) => cpuMicros,
  leaderCpu: ({ leaderCpuMicros }: Measurement) => leaderCpuMicros,
};

export class SideBySide {
  readonly loads: LoadRounds[] = [];

  /** Starts the systems, sets every key once, and puts each load on each of them. */
  static async run(bench: Bench, names: readonly SystemName[], loads: NamedLoads): Promise<SideBySide> {
    return bench.withSystems(names, async (systems) => {
      const result = new SideBySide();
      for (const system of systems) await bench.fill(system);
      for (const [load, shape] of Object.entries(loads)) await result.add(bench, systems, load, shape);
      return result;
    });
  }

  async add(bench: Bench, systems: readonly System[], load: string, shape: Load): Promise<void> {
    this.loads.push({ load, systems: await bench.rounds(systems, shape) });
  }

  rounds(load: string, system: string): Rounds {
    const found = this.loads.find((each) => each.load === load);
    return found?.systems.find((rounds) => rounds.system === system) ?? { system, rounds: [] };
  }

  /** This system's figure divided by the rival's. */
  against(rival: string, load: string, figure: (round: Measurement) => number): Ratio {
    return ratioOf(this.rounds(load, 'xstate-raft'), this.rounds(load, rival), figure);
  }
}
