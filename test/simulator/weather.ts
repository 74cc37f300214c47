/** Plans bent towards what a rule is there for, where the drawn faults meet it too seldom. */
import type { ScheduledFault } from 'xstate-raft/testing';
import type { Plan } from './plan.ts';

export type Weather = (plan: Plan) => Plan;

const roundMs = 400;

/** Elections all the time, restarts in the midst of them, and votes that come when their election is over. */
export const restless: Weather = (plan) => ({
  ...plan,
  options: {
    ...plan.options,
    network: { ...plan.options.network, lateReplies: 0.6, lateReplyMs: [100, 3000] },
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
