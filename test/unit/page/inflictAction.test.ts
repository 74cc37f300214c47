import { expect } from 'chai';
import { inflictAction } from '../../../page/source/inflictAction.ts';
import { simulate } from '../../../runtime/simulation/simulation.ts';

describe('what somebody at the page asks for', () => {
  it('mends one direction of a link of a node that a story has cut off as a whole, and no other', () => {
    const simulation = simulate({ nodes: 3, seed: 1 });
    simulation.network.disconnect('n1');
    inflictAction(simulation, { type: 'mend', from: 'n2', to: 'n1' });
    expect(simulation.network.cuts).to.have.deep.members([
      ['n1', 'n2'],
      ['n1', 'n3'],
      ['n3', 'n1'],
    ]);
    simulation.stop();
  });
});
