/** Histories to check: short ones written by hand, and those of a simulated object that is linearizable by construction. */
import {
  type HistoryOperation,
  type KeyValueInput,
  type KeyValueOutput,
  keyValueModel,
  SeededRandom,
} from 'xstate-raft/testing';

export type KeyValueOperation = HistoryOperation<KeyValueInput, KeyValueOutput>;

type Times = readonly [calledAt: number, returnedAt?: number];

export function get(client: number, times: Times, output?: string, key = 'x'): KeyValueOperation {
  return { client, calledAt: times[0], returnedAt: times[1], input: { kind: 'get', key }, output };
}

export function put(client: number, times: Times, value: string, key = 'x'): KeyValueOperation {
  return { client, calledAt: times[0], returnedAt: times[1], input: { kind: 'put', key, value } };
}

export function append(client: number, times: Times, value: string, key = 'x'): KeyValueOperation {
  return { client, calledAt: times[0], returnedAt: times[1], input: { kind: 'append', key, value } };
}

export interface SimulatedObjectOptions {
  readonly seed: number;
  readonly clients: number;
  readonly keys: number;
  readonly operations: number;
  /** Chance that an operation never returns; half of those take effect. */
  readonly lost?: number;
}

/** What clients of one object see, each operation of which takes effect at some moment between its call and its return. */
export function simulatedHistory(options: SimulatedObjectOptions): KeyValueOperation[] {
  const { seed, clients, keys, operations, lost = 0 } = options;
  const random = new SeededRandom(seed);
  const freeAt = Array.from({ length: clients }, () => random.next() * 10);
  const planned = Array.from({ length: operations }, (_, i) => {
    const client = freeAt.indexOf(Math.min(...freeAt));
    const calledAt = freeAt[client] ?? 0;
    const lasts = 1 + random.next() * 10;
    freeAt[client] = calledAt + lasts + random.next();
    const key = `k${Math.floor(random.next() * keys)}`;
    const kind = (['get', 'get', 'put', 'append'] as const)[Math.floor(random.next() * 4)] ?? 'get';
    const input: KeyValueInput = kind === 'get' ? { kind, key } : { kind, key, value: `(${i})` };
    const isLost = random.next() < lost;
    const effectAt = isLost && random.next() < 0.5 ? Infinity : calledAt + random.next() * lasts;
    return { client, calledAt, returnedAt: isLost ? undefined : calledAt + lasts, input, effectAt };
  });
  const values = new Map<string, string | null>();
  const outputs = new Map<unknown, KeyValueOutput | undefined>();
  for (const { input, effectAt } of [...planned].sort((a, b) => a.effectAt - b.effectAt)) {
    if (effectAt === Infinity) break;
    const before = values.get(input.key) ?? null;
    if (input.kind === 'get') outputs.set(input, before ?? '');
    else values.set(input.key, keyValueModel.step(before, input, undefined, false) ?? null);
  }
  return planned.map(({ client, calledAt, returnedAt, input }) => {
    const output = returnedAt === undefined ? undefined : outputs.get(input);
    return { client, calledAt, returnedAt, input, output };
  });
}
