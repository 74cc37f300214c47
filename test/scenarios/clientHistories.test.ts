/** The common client libraries against every node, while the leader is killed and partitions come and go. */
import { expect } from 'chai';
import { withNumberToldTwice, withStaleRead, withTornTransaction } from '../clients/alteredHistories.ts';
import { expectLinearizable, type StormyHistory, seed, stormyHistory } from '../clients/clientHistories.ts';
import { commandModel } from '../clients/commandModel.ts';
import { nodeClientKinds } from '../clients/nodeClients.ts';
import { fewFaults } from '../clients/storm.ts';

describe(`what client libraries see of a cluster in a storm (CLIENTS_SEED=${seed})`, () => {
  let seen: StormyHistory;

  before(async function () {
    this.timeout(200_000);
    seen = await stormyHistory(nodeClientKinds, fewFaults);
  });

  it('is linearizable', () => expectLinearizable(seen));

  for (const alter of [withStaleRead, withNumberToldTwice, withTornTransaction]) {
    it(`would not be ${alter.name.replace(/(?=[A-Z])/g, ' ').toLowerCase()}`, () => {
      expect(alter(seen.history)).not.to.be.linearizable(commandModel);
    });
  }
});
