/** What the parts of the bench measure with: systems that are started for them, and rounds of load in turn. */
import { eventually } from '../eventually.ts';
import { Interrupted } from './interrupted.ts';
import type { LoadJob } from './load/job.ts';
import { LoadProcess } from './load/loadProcess.ts';
import { faulty, type Measurement } from './measure/measurement.ts';
import type { Rounds } from './measure/ratio.ts';
import type { Options } from './options.ts';
import { isInstalled } from './systems/installed.ts';
import { prepareSystem } from './systems/prepareSystem.ts';
import type { System, SystemName } from './systems/system.ts';

/** A load, without what belongs to the system that it is put on. */
export interface Load {
  readonly command: 'set' | 'get';
  readonly clients: number;
  /** Requests in a batch; 1 unless given. */
  readonly depth?: number;
  /** Bytes of a value; 64 unless given. */
  readonly valueBytes?: number;
  /** How many there are; 10,000 unless given. */
  readonly keys?: number;
  /** Which nodes the clients are connected to; the leader unless given. */
  readonly at?: 'leader' | 'followers' | 'all';
  /** Of the measured time; as the options have it unless given. */
  readonly seconds?: number;
}

const usualKeys = 10_000;
const usualValueBytes = 64;
/** Code is compiled, connections open, caches fill. */
const warmUpMs = 1000;
/** A round that failed, because the leader changed or a request was not answered, is made again so often. */
const triesMax = 3;
const fillMsMax = 600_000;
/** Until a system that lost its leader has another one. */
const wholeMsMax = 20_000;

export class Bench {
  readonly options: Options;
  readonly signal: AbortSignal;
  /** In each round so far, the cores that processes used which have no part in it. */
  readonly othersCores: number[] = [];
  readonly #advance: (failed: boolean) => void;
  readonly #running = new Set<System>();
  readonly #loads: LoadProcess[] = [];

  constructor(options: Options, signal: AbortSignal, advance: (failed: boolean) => void) {
    this.options = options;
    this.signal = signal;
    this.#advance = advance;
    // A long load answers with what it has, and the next look at the signal ends the run.
    signal.addEventListener('abort', () => {
      for (const load of this.#loads) load.finish();
    });
  }

  /** One step of the progress bar. */
  advance(failed = false): void {
    this.#advance(failed);
  }

  /** @throws Interrupted after Ctrl-C */
  checkInterruption(): void {
    if (this.signal.aborted) throw new Interrupted();
  }

  /** The load generator, or another one beside it. */
  loadProcess(place = 0): LoadProcess {
    this.#loads[place] ??= new LoadProcess();
    return this.#loads[place];
  }

  /** Starts those of the systems that are installed, and ends them when `use` is done. */
  async withSystems<T>(
    names: readonly SystemName[],
    use: (systems: readonly System[]) => Promise<T>,
  ): Promise<T> {
    const there = names.filter(isInstalled);
    return this.using(await Promise.all(there.map((name) => prepareSystem(name))), use);
  }

  /** Ends the systems when `use` is done. */
  async using<S extends System, T>(
    systems: readonly S[],
    use: (systems: readonly S[]) => Promise<T>,
  ): Promise<T> {
    for (const system of systems) this.#running.add(system);
    try {
      for (const system of systems) {
        this.checkInterruption();
        await system.start();
      }
      return await use(systems);
    } finally {
      for (const system of systems) this.#running.delete(system);
      await Promise.all(systems.map((system) => system.stop()));
    }
  }

  /** What takes long may take so long, ms. */
  get longMs(): number {
    return this.options.minutes === 0 ? 30_000 : 60_000 * this.options.minutes;
  }

  /** Sets every key once. */
  fill(system: System, keys = usualKeys, valueBytes = usualValueBytes): Promise<void> {
    return this.write(system, keys, valueBytes, keys);
  }

  /**
   * So many writes to the leader, one key after the other; also while a follower is away.
   * @throws Error if one is not answered
   */
  async write(
    system: System,
    operationsMax: number,
    valueBytes: number,
    keys = usualKeys,
    leader?: number,
  ): Promise<void> {
    this.checkInterruption();
    const place = leader ?? (await system.leadership()).place;
    const job = this.#job(system, place, { command: 'set', clients: 16, depth: 16, keys, valueBytes });
    const all = { order: 'sequential', operationsMax, warmUpMs: 0, measureMs: fillMsMax } as const;
    const { errors, error } = await this.loadProcess().load({ ...job, ...all });
    this.checkInterruption();
    if (errors > 0) throw new Error(`${system.title} could not be filled: ${error}`);
  }

  /** Puts the load on each of the systems, in an order that turns with each round. */
  async rounds(systems: readonly System[], load: Load, rounds = this.options.rounds): Promise<Rounds[]> {
    const results = systems.map(({ title }) => ({ system: title, rounds: [] as Measurement[] }));
    for (let round = 0; round < rounds; round += 1) {
      const order = [...systems.keys()];
      if (round % 2 === 1) order.reverse();
      for (const place of order) {
        const system = systems[place];
        if (system) results[place]?.rounds.push(await this.measure(system, load));
      }
    }
    return results;
  }

  /** One round; what went wrong is in its `fault`. */
  async measure(system: System, load: Load): Promise<Measurement> {
    let result = faulty('it was not tried');
    for (let tried = 0; tried < triesMax; tried += 1) {
      this.checkInterruption();
      result = await this.#attempt(system, load);
      if (result.fault === undefined) break;
    }
    this.checkInterruption();
    if (result.fault === undefined) this.othersCores.push(result.othersCores);
    this.advance(result.fault !== undefined);
    return result;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.stop()));
    await Promise.all([...this.#running].map((system) => system.stop()));
  }

  async #attempt(system: System, load: Load): Promise<Measurement> {
    try {
      const before = await eventually(
        `${system.title} is whole`,
        () => system.leadership().catch(() => undefined),
        wholeMsMax,
      );
      const job = this.#job(system, before.place, load);
      const result = await this.loadProcess().load(job);
      const after = await system.leadership();
      if (result.errors > 0) return faulty(`${result.error}`);
      if (after.place !== before.place || after.term !== before.term) return faulty('the leader changed');
      const { operations, seconds, serverCpu } = result;
      if (operations === 0) return faulty('it answered nothing');
      const cpu = serverCpu.reduce((sum, used) => sum + used, 0);
      return {
        ...{ operations, seconds, perSecond: operations / seconds },
        ...{ p50Ms: result.p50Ms, p99Ms: result.p99Ms, p999Ms: result.p999Ms, maxMs: result.maxMs },
        ...{ cpuMicros: (1e6 * cpu) / operations, leaderCpuMicros: (1e6 * (serverCpu[0] ?? 0)) / operations },
        ...{ loadCpuMicros: (1e6 * result.loadCpu) / operations, othersCores: result.othersCpu / seconds },
      };
    } catch (error) {
      return faulty(error instanceof Error ? error.message : String(error));
    }
  }

  #job(system: System, place: number, load: Load): LoadJob {
    const { at = 'leader', seconds = this.options.seconds } = load;
    const isTarget = (node: number): boolean => at === 'all' || (node === place) === (at === 'leader');
    const pids = system.pids();
    const others = [...this.#running].filter((other) => other !== system).flatMap((other) => other.pids());
    return {
      ...{ protocol: system.protocol, command: load.command, clients: load.clients, depth: load.depth ?? 1 },
      targets: system.targets.filter((_, node) => isTarget(node)),
      ...{ keys: load.keys ?? usualKeys, order: 'random', valueBytes: load.valueBytes ?? usualValueBytes },
      ...{ warmUpMs, measureMs: seconds * 1000 },
      servers: [pids[place] ?? 0, ...pids.filter((_, node) => node !== place)].filter((pid) => pid > 0),
      bystanders: [...others, process.pid].filter((pid) => pid > 0),
    };
  }
}
