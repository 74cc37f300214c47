/** The test of what clients see while nodes die and the network is cut: their history must be linearizable. */
import { expect, use } from 'chai';
import { chaiLinearizable } from 'xstate-raft/testing';
import type { ClientKind } from './clientKind.ts';
import { ClientLoad } from './clientLoad.ts';
import { type CommandHistory, commandModel } from './commandModel.ts';
import { ProcessCluster } from './processCluster.ts';
import { type Fault, storm } from './storm.ts';

use(chaiLinearizable);

/** CLIENTS_SEED repeats what is drawn; what the machine makes of it is another time another thing. */
export const seed = Number(process.env.CLIENTS_SEED ?? 1);

/** Before each fault and after the last, each kind of client gets so many answers: they all see it, on a slow machine, too. */
const answersBetween = 12;

export interface StormyHistory {
  readonly load: ClientLoad;
  readonly history: CommandHistory;
  readonly partitions: number;
  readonly leaderChanges: number;
}

export async function stormyHistory(
  kinds: readonly ClientKind[],
  faults: readonly Fault[],
): Promise<StormyHistory> {
  const cluster = await ProcessCluster.start();
  try {
    const load = new ClientLoad(cluster, kinds, seed);
    try {
      await storm(cluster, faults, seed, () => load.served(answersBetween));
    } finally {
      await load.end();
    }
    const partitions = faults.filter(({ isPartition }) => isPartition).length;
    return { load, history: load.history, partitions, leaderChanges: cluster.terms - 1 };
  } catch (error) {
    throw new Error(`CLIENTS_SEED=${seed}\n${cluster.log}`, { cause: error });
  } finally {
    await cluster.stop();
  }
}

/** Also that there was something to see. */
export function expectLinearizable({ load, history, partitions, leaderChanges }: StormyHistory): void {
  const because = `CLIENTS_SEED=${seed}`;
  expect(load.wrong, because).to.deep.equal([]);
  for (const [name, count] of load.answered) {
    expect(count, `${because}: ${name}`).to.be.at.least(answersBetween * (partitions + 1));
  }
  expect(leaderChanges, because).to.be.above(1);
  expect(load.failed.inDoubt, because).to.be.above(0);
  expect(history, because).to.be.linearizable(commandModel, { timeLimitMs: 60_000 });
}
