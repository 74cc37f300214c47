/** What the load generator is asked for, and answers; both go between processes as JSON. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface LoadJob {
  readonly protocol: 'redis' | 'etcd';
  readonly command: 'set' | 'get';
  /** Clients are dealt to them in turn. */
  readonly targets: readonly Target[];
  /** Each has one batch under way at a time. */
  readonly clients: number;
  /** Requests in a batch. */
  readonly depth: number;
  /** Keys are numbers below this one. */
  readonly keys: number;
  readonly order: 'random' | 'sequential';
  readonly valueBytes: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** It ends when so many have been answered, also within the time. */
  readonly operationsMax?: number;
  /** Processes whose CPU is the system's, the leader's first. */
  readonly servers: readonly number[];
  /** Other processes that belong to the run. */
  readonly bystanders: readonly number[];
}

export interface LoadResult {
  readonly operations: number;
  readonly errors: number;
  /** The first error. */
  readonly error?: string;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Seconds of CPU of each of the servers. */
  readonly serverCpu: readonly number[];
  readonly loadCpu: number;
  /** Seconds of CPU that nobody who was named used. */
  readonly othersCpu: number;
}

/** Steady writes, to see when they stop and when they go on. */
export interface ProbeJob {
  readonly protocol: 'redis' | 'etcd';
  readonly targets: readonly Target[];
  /** To each target a write begins so often, whether or not others are answered. */
  readonly everyMs: number;
  /** Writes under way to each target, at most. */
  readonly underWayMax: number;
  readonly valueBytes: number;
}

export type ToLoad =
  | { readonly type: 'load'; readonly job: LoadJob }
  | { readonly type: 'probe'; readonly job: ProbeJob }
  /** Forget the silence so far, and begin anew. */
  | { readonly type: 'watchSilence' }
  | { readonly type: 'askSilence' }
  /** Ends a probe or a load; it answers with what it has. */
  | { readonly type: 'finish' };

export interface Silence {
  /** The longest time in ms without an answered write since it was asked to watch. */
  readonly longestMs: number;
  /** ms since the last answered write. */
  readonly currentMs: number;
  /** Writes that were answered since. */
  readonly answered: number;
}

export type FromLoad =
  | { readonly type: 'loaded'; readonly result: LoadResult }
  | { readonly type: 'probing' }
  | { readonly type: 'silence'; readonly silence: Silence }
  | { readonly type: 'probed' }
  | { readonly type: 'failed'; readonly message: string };
