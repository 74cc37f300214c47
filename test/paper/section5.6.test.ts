import { expect } from 'chai';
import { type Simulation, type SimulationOptions, simulate } from 'xstate-raft/testing';
import { agreeOn, asInThePaper, bytes, watchLeaders } from './paperBench.ts';

// Section 5.6, timing and availability.
describe('5.6 timing', () => {
  let simulation: Simulation;
  afterEach(() => simulation.stop());

  async function led(options: Partial<SimulationOptions>): Promise<string> {
    simulation = simulate({ nodes: 5, seed: 1, raft: asInThePaper, ...options });
    await simulation.until(() => simulation.leader() !== undefined, 30_000);
    const leader = simulation.leader();
    if (leader === undefined) throw new Error('No leader was elected in 30 s.');
    return leader;
  }

  it('with messages and disks far quicker than the election timeout one leader stays', async () => {
    const leader = await led({ network: { hopMs: [1, 30] }, disk: { syncMs: [0.5, 20] } });
    const { term } = simulation.status(leader) ?? {};
    await simulation.run(10_000);
    expect(simulation.status(leader)).to.include({ role: 'leader', term });
  });

  it('with messages slower than the election timeout nobody is elected', async () => {
    const raft = { ...asInThePaper, electionTimeoutMinMs: 30, electionTimeoutMaxMs: 60 };
    simulation = simulate({ nodes: 5, seed: 1, raft, network: { hopMs: [40, 50] } });
    const led = await simulation.until(() => simulation.leader() !== undefined, 3000);
    expect(led).to.equal(false);
    expect(simulation.status('n1')?.term, 'terms tried').to.be.above(20);
  });

  it('a disk slower than the election timeout counts as slow messages do', async () => {
    const raft = { ...asInThePaper, electionTimeoutMinMs: 30, electionTimeoutMaxMs: 60 };
    simulation = simulate({ nodes: 5, seed: 1, raft, disk: { syncMs: [80, 90] } });
    expect(await simulation.until(() => simulation.leader() !== undefined, 5000)).to.equal(false);
  });

  it('safety does not hang on it: messages about as slow as elections do no more than cost time', async () => {
    const raft = { ...asInThePaper, heartbeatMs: 100, electionTimeoutMinMs: 50, electionTimeoutMaxMs: 250 };
    const options = { raft, workload: { everyMs: [20, 60], bytes: [5, 20] }, seed: 2, nodes: 5 } as const;
    simulation = simulate({ ...options, network: { hopMs: [1, 120], duplication: 0.1 } });
    const { terms, look } = watchLeaders(simulation);
    const applied = new Map<number, string>();
    const differing: number[] = [];
    simulation.trace.onRecord = (record) => {
      if (record.type !== 'applied' || record.applied.type !== 'entries') return;
      for (const { index, term, payload } of record.applied.entries) {
        const entry = `${term} ${Buffer.from(payload).toString('latin1')}`;
        if (entry !== (applied.get(index) ?? entry)) differing.push(index);
        applied.set(index, entry);
      }
    };
    await simulation.until(look, 4000);
    expect(differing, 'indexes at which servers applied different entries').to.deep.equal([]);
    expect([...terms].filter(([, led]) => led.size > 1)).to.deep.equal([]);
    expect(simulation.status('n1')?.term, 'terms, for want of a steady leader').to.be.above(5);
  });

  it('a leader that fails is replaced within about an election timeout', async () => {
    const first = await led({ network: { hopMs: [1, 5] } });
    const gaps: number[] = [];
    let leader = first;
    for (let round = 0; round < 4; round += 1) {
      await simulation.run(500);
      const at = simulation.clock.now();
      simulation.crash(leader);
      await simulation.until(() => simulation.leader() !== undefined, 10_000);
      gaps.push(simulation.clock.now() - at);
      simulation.restart(leader);
      leader = simulation.leader() ?? '';
    }
    expect(Math.min(...gaps), 'the shortest').to.be.at.least(200);
    gaps.sort((a, b) => a - b);
    expect(gaps[1], 'the second of four').to.be.at.most(700);
  });

  it('the service lives while a majority does: with three of five it goes on, with two it waits', async () => {
    await led({});
    const down = simulation.ids.filter((id) => id !== simulation.leader()).slice(0, 2);
    for (const id of down) simulation.crash(id);
    const commit = () => Math.max(...simulation.ids.map((id) => simulation.status(id)?.commitIndex ?? 0));
    simulation.propose(simulation.leader() ?? '', bytes('with three'));
    await simulation.run(200);
    expect(commit(), 'with three').to.equal(1);
    const third = simulation.ids.find((id) => id !== simulation.leader() && !down.includes(id)) ?? '';
    simulation.crash(third);
    simulation.propose(simulation.leader() ?? '', bytes('with two'));
    await simulation.run(5000);
    expect(commit(), 'with two').to.equal(1);
    for (const id of [...down, third]) simulation.restart(id);
    expect(await simulation.until(() => agreeOn(simulation, 2), 5000), 'with five again').to.equal(true);
  });
});
