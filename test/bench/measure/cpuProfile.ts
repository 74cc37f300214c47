/** What a profile of Node (`--cpu-prof`) says of where the time went. */

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      /** The first is 0. */
      readonly lineNumber: number;
    };
  }[];
  /** µs of the system's monotonic clock, as `process.hrtime` shows it in all processes. */
  readonly startTime: number;
  /** Which node was seen at each sample. */
  readonly samples: readonly number[];
  /** µs from the sample before; of the first, from the start. */
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** The function, and where it stands. */
  readonly name: string;
  /** Of the time that the process was not idle, 0 to 1. */
  readonly share: number;
}

const idle = '(idle)';

/**
 * The functions in the order of the time spent in themselves, between two moments of `process.hrtime`, µs.
 * @param nameOf a file, as it is called in what comes out
 */
export function selfTimes(
  { nodes, samples, timeDeltas, startTime }: CpuProfile,
  fromMicros: number,
  toMicros: number,
  nameOf: (url: string) => string,
): { readonly busy: number; readonly functions: readonly SelfTime[] } {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const name = functionName === '' ? '(anonymous)' : functionName;
      return [id, url === '' ? name : `${name} ${nameOf(url)}:${lineNumber + 1}`];
    }),
  );
  const micros = new Map<string, number>();
  let now = startTime;
  for (const [place, id] of samples.entries()) {
    now += timeDeltas[place] ?? 0;
    // A sample stands for the time until the next one.
    const lasted = timeDeltas[place + 1] ?? 0;
    const name = names.get(id) ?? '(unknown)';
    if (now >= fromMicros && now < toMicros) micros.set(name, (micros.get(name) ?? 0) + lasted);
  }
  const all = [...micros.values()].reduce((sum, each) => sum + each, 0);
  const busy = all - (micros.get(idle) ?? 0);
  micros.delete(idle);
  const functions = [...micros]
    .map(([name, each]) => ({ name, share: each / busy }))
    .sort((one, other) => other.share - one.share);
  return { busy: all === 0 ? 0 : busy / all, functions };
}
