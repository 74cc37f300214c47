/** What one round of load on one system gave. */
export interface Measurement {
  readonly operations: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** User and system time of all servers of the system, for each operation. */
  readonly cpuMicros: number;
  /** The same for the server that leads; of a system of one server, that one. */
  readonly leaderCpuMicros: number;
  /** Of the load generator. */
  readonly loadCpuMicros: number;
  /** Cores that processes used which have no part in the measurement. */
  readonly othersCores: number;
  /** Why these figures count for nothing; undefined when they count. */
  readonly fault?: string | undefined;
}

/** Figures of a round that did not come about. */
export function faulty(fault: string): Measurement {
  const none = { operations: 0, seconds: 0, perSecond: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 };
  return { ...none, cpuMicros: 0, leaderCpuMicros: 0, loadCpuMicros: 0, othersCores: 0, fault };
}
