/** Every client against every node, while the leader is killed and partitions come and go. */
import { expect } from 'chai';
import { withNumberToldTwice, withStaleRead, withTornTransaction } from './alteredHistories.ts';
import { expectLinearizable, type StormyHistory, seed, stormyHistory } from './clientHistories.ts';
import { commandModel } from './commandModel.ts';
import { nodeClientKinds } from './nodeClients.ts';
import { redisCliKinds } from './redisCli.ts';
import { allFaults } from './storm.ts';

describe(`what clients see of a cluster in a storm (CLIENTS_SEED=${seed})`, () => {
  let seen: StormyHistory;

  before(async function () {
    this.timeout(400_000);
    seen = await stormyHistory([...nodeClientKinds, ...redisCliKinds], allFaults);
    const { load, history, partitions, leaderChanges } = seen;
    const answered = [...load.answered].map(([name, count]) => `${name} ${count}`).join(', ');
    console.log(`    ${history.length} operations; answered: ${answered}`);
    console.log(
      `    in doubt ${load.failed.inDoubt}, without effect ${load.failed.none}; ${leaderChanges} changes of leader, ${partitions} partitions`,
    );
  });

  it('is linearizable', () => expectLinearizable(seen));

  for (const alter of [withStaleRead, withNumberToldTwice, withTornTransaction]) {
    it(`would not be ${alter.name.replace(/(?=[A-Z])/g, ' ').toLowerCase()}`, () => {
      expect(alter(seen.history)).not.to.be.linearizable(commandModel);
    });
  }
});
