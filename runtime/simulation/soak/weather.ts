/** Plans bent towards what a rule is there for, where the drawn faults meet it too seldom. */
import type { ScheduledFault } from '../faults.ts';
import type { Plan } from './plan.ts';

export type Weather = (plan: Plan) => Plan;

const roundMs = 400;

/** Elections all the time, restarts in the midst of them, and votes that come when their election is over. */
export const restless: Weather = (plan) => ({
  ...plan,
  options: {
    ...plan.options,
    network: { ...plan.options.network, lateReplies: 0.9, lateReplyMs: [100, 1500] },
    raft: { ...plan.options.raft, preVote: false, checkQuorum: false, leaseReads: false },
  },
  schedule: Array.from(
    { length: Math.floor(plan.durationMs / roundMs) - 1 },
    (_, round): ScheduledFault[] => {
      const atMs = round * roundMs;
      return [
        { atMs: atMs + 400, fault: { type: 'isolate', node: 'the leader' } },
        { atMs: atMs + 600, fault: { type: 'crash', node: `n${1 + (round % 5)}` } },
        { atMs: atMs + 601, fault: { type: 'restartAll' } },
        { atMs: atMs + 700, fault: { type: 'heal' } },
      ];
    },
  ).flat(),
});

/** Snapshots every few entries, and requests that come late and twice. */
export const overtaken: Weather = (plan) => ({
  ...plan,
  options: {
    ...plan.options,
    network: { ...plan.options.network, lateRequests: 0.3, lateRequestMs: [50, 1500], duplication: 0.3 },
    snapshots: { everyEntries: 5, bytes: 100 },
  },
});

/** Leaders that are cut off, are asked to read and to write all the same, and return. */
export const deposed: Weather = (plan) => ({
  ...plan,
  options: {
    ...plan.options,
    workload: { everyMs: [20, 120], bytes: [1, 20], reads: 0.5 },
    raft: { ...plan.options.raft, checkQuorum: true, leaseReads: true },
  },
  schedule: Array.from({ length: Math.floor(plan.durationMs / 5000) }, (_, round): ScheduledFault[] => [
    { atMs: round * 5000 + 2500, fault: { type: 'isolate', node: 'the leader' } },
    { atMs: round * 5000 + 5000, fault: { type: 'heal' } },
  ]).flat(),
});

/** Two of the nodes are cut off together, in turn, and go on reading: now and then one of them leads. */
export const parted: Weather = (plan) => ({
  ...plan,
  options: {
    ...plan.options,
    workload: { everyMs: [20, 120], bytes: [1, 20], reads: 0.5 },
    raft: { ...plan.options.raft, checkQuorum: false, leaseReads: false },
  },
  schedule: Array.from({ length: Math.floor(plan.durationMs / 5000) }, (_, round): ScheduledFault[] => {
    const nodes = [0, 1, 2, 3, 4].map((place) => `n${1 + ((place + round) % 5)}`);
    return [
      {
        atMs: round * 5000 + 2500,
        fault: { type: 'partition', groups: [nodes.slice(0, 2), nodes.slice(2)] },
      },
      { atMs: round * 5000 + 5000, fault: { type: 'heal' } },
    ];
  }).flat(),
});

/** As with deposed leaders, and the clock of whoever leads goes five times too slow. */
export const slowClocks: Weather = (plan) => {
  const bent = deposed(plan);
  const slow = bent.schedule.map(
    ({ atMs }): ScheduledFault => ({
      atMs: atMs - 1000,
      fault: { type: 'clockRate', node: 'the leader', rate: 0.2 },
    }),
  );
  return { ...bent, schedule: [...bent.schedule, ...slow].sort((a, b) => a.atMs - b.atMs) };
};
