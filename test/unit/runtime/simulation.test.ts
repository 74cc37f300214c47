/** Clusters in simulated time, at the level of nodes. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { InvalidArgument } from '../../../runtime/errors.ts';
import {
  play,
  type Simulation,
  type SimulationOptions,
  simulate,
  TimeStandsStill,
} from '../../../runtime/testing.ts';
import { faultSchedule, roughWeather } from './simulationFaults.ts';
import { traceHash } from './simulationProcess.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** What `run` rejects with. */
async function errorOf(run: Promise<unknown>): Promise<Error> {
  try {
    await run;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('It did not reject.');
}

describe('simulate', () => {
  let simulation: Simulation;
  afterEach(() => simulation?.stop());

  /** A cluster with a leader. */
  async function led(options: Partial<SimulationOptions> = {}): Promise<string> {
    simulation = simulate({ nodes: 3, seed: 1, ...options });
    await simulation.until(() => simulation.leader() !== undefined, 5000);
    const leader = simulation.leader();
    if (!leader) throw new Error('No leader was elected in 5 s.');
    return leader;
  }
  const others = (id: string) => simulation.ids.filter((other) => other !== id);
  const digests = () => [...new Set(simulation.ids.map((id) => JSON.stringify(simulation.applied(id))))];

  it('gives one trace for a seed, in two processes of which one ran others first, and another for another', async () => {
    const script = fileURLToPath(new URL('./simulationProcess.ts', import.meta.url));
    const inProcess = async (seed: number, before: number) => {
      const node = ['--conditions=xstate-raft-source', '--import', 'tsx', script, `${seed}`, `${before}`];
      const { stdout } = await promisify(execFile)(process.execPath, node);
      return stdout.trim();
    };
    const [fresh, used, here, other] = await Promise.all([
      ...[inProcess(4, 0), inProcess(4, 2)],
      ...[traceHash(4), traceHash(5)],
    ]);
    expect(fresh).to.match(/^[0-9a-f]{16}$/);
    expect(used, 'after others').to.equal(fresh);
    expect(here, 'in this process').to.equal(fresh);
    expect(other, 'with another seed').not.to.equal(fresh);
  });

  it('applies what is proposed to the leader everywhere', async () => {
    const leader = await led();
    expect(simulation.propose(leader, bytes('a'))).to.deep.equal({ index: 1, term: 1, isLeader: true });
    for (const id of others(leader)) {
      expect(simulation.propose(id, bytes('b'))).to.include({ index: -1, isLeader: false });
    }
    await simulation.run(500);
    expect(digests()).to.have.length(1);
    expect(simulation.applied(leader).lastApplied).to.equal(1);
  });

  it('keeps a workload going across a change of leader', async () => {
    const first = await led({ workload: { everyMs: [5, 15], bytes: [10, 100] } });
    await simulation.run(500);
    simulation.network.partition([first], others(first));
    await simulation.run(2000);
    expect(simulation.leader()).not.to.equal(first);
    const before = simulation.applied(first).lastApplied;
    simulation.network.heal();
    await simulation.run(500);
    expect(simulation.applied(first).lastApplied).to.be.above(before + 100);
    expect(simulation.status(first)?.role).to.equal('follower');
  });

  it('brings a node back by snapshot when the log that it needs is gone', async () => {
    const leader = await led({
      workload: { everyMs: [2, 6], bytes: [10, 20] },
      snapshots: { everyEntries: 20 },
    });
    const [victim = ''] = others(leader);
    simulation.crash(victim);
    expect(simulation.status(victim)).to.equal(undefined);
    expect(() => simulation.propose(victim, bytes('a'))).to.throw(InvalidArgument, `${victim} is down`);
    await simulation.run(500);
    simulation.restart(victim);
    await simulation.until(() => (simulation.status(victim)?.snapshotIndex ?? 0) > 20, 1000);
    const { index: last } = simulation.propose(leader, bytes('last'));
    await simulation.until(
      () => simulation.ids.every((id) => simulation.applied(id).lastApplied >= last),
      1000,
    );
    const same = simulation.ids.filter(
      (id) => simulation.applied(id).lastApplied === simulation.applied(victim).lastApplied,
    );
    expect(new Set(same.map((id) => simulation.applied(id).digest)).size).to.equal(1);
  });

  it('loses at a crash what the disk had not synced', async () => {
    const leader = await led({ disk: { syncMs: [40, 40] } });
    await simulation.run(300);
    const { index } = simulation.propose(leader, bytes('lost'));
    await simulation.run(39);
    expect(simulation.status(leader)?.lastLogIndex).to.equal(index);
    simulation.network.partition(...simulation.ids.map((id) => [id]));
    simulation.restart(leader);
    expect(simulation.status(leader)?.lastLogIndex, 'after a crash before the sync').to.equal(index - 1);
    expect(simulation.status(leader)?.term, 'what was synced earlier').to.equal(1);
  });

  it('stops a node whose disk fails, and takes it back on a disk that works', async () => {
    const leader = await led({ workload: { everyMs: [5, 15], bytes: [10, 100] } });
    const disk = simulation.disk(leader);
    disk.conditions = { ...disk.conditions, writeFailures: 1 };
    await simulation.run(2000);
    expect(simulation.status(leader)?.role).to.equal('stopped');
    expect(simulation.leader()).to.be.oneOf(others(leader));
    disk.conditions = { ...disk.conditions, writeFailures: 0 };
    simulation.restart(leader);
    await simulation.run(1000);
    expect(simulation.status(leader)?.role).to.equal('follower');
    expect(simulation.applied(leader).lastApplied).to.be.above(100);
  });

  it('lets a paused node do nothing, and hear late what arrived', async () => {
    const leader = await led();
    const [paused = ''] = others(leader);
    const heard: number[] = [];
    simulation.trace.onRecord = (record) => {
      if (record.type === 'sent') return;
      if ('node' in record ? record.node === paused : record.to === paused) heard.push(record.time);
    };
    const from = simulation.clock.now();
    simulation.pause(paused, 2000);
    await simulation.run(1999);
    expect(heard, 'while it is paused').to.deep.equal([]);
    await simulation.run(1);
    expect(heard.length, 'once it goes on').to.be.above(15);
    expect(new Set(heard)).to.deep.equal(new Set([from + 2000]));
    await simulation.run(1000);
    expect(simulation.status(paused)).to.include({ role: 'follower', leader });
  });

  it('lets a node that was paused read its sockets before it believes that time has run out', async () => {
    const leader = await led({ network: { hopMs: [20, 20] } });
    const [follower = ''] = others(leader);
    await simulation.run(500);
    const entries: string[] = [];
    const roles: string[] = [];
    simulation.trace.onRecord = (record) => {
      if (record.type === 'roleChanged') roles.push(`${record.node} ${record.role}`);
      if (record.type !== 'sent' || record.message.type !== 'appendEntries') return;
      if (record.message.entries.count > 0) entries.push(record.to);
    };
    simulation.propose(leader, bytes('a'));
    await simulation.run(30);
    // The answers come in while the leader stands still, and the leader's words while the follower does.
    simulation.pause(leader, 250);
    await simulation.run(1000);
    expect(entries, 'entries that were sent').to.have.members(others(leader));
    simulation.pause(follower, 2000);
    await simulation.run(3000);
    expect(roles, 'roles that changed').to.deep.equal([]);
  });

  it('ends a pause with the process', async () => {
    const leader = await led();
    const [paused = ''] = others(leader);
    simulation.pause(paused, 60_000);
    simulation.restart(paused);
    const { index } = simulation.propose(leader, bytes('a'));
    await simulation.run(500);
    expect(simulation.applied(paused).lastApplied).to.equal(index);
  });

  it('lets a fast clock run out early', async () => {
    const leader = await led({ raft: { checkQuorum: false } });
    const fast = others(leader)[0] ?? '';
    // Ten heartbeats' time pass on it between two heartbeats.
    simulation.setClockRate(fast, 10);
    let stood = 0;
    simulation.trace.onRecord = (record) => {
      if (record.type === 'roleChanged' && record.role === 'preCandidate' && record.node === fast) stood += 1;
    };
    await simulation.run(1000);
    expect(stood).to.be.above(3);
    expect(simulation.leader(), 'whom the others still hear').to.equal(leader);
    expect(() => simulation.setClockRate(fast, 0)).to.throw(InvalidArgument, 'rate 0');
  });

  it('answers a read with an index that holds all that was applied when it was asked', async () => {
    const leader = await led();
    const answers: (number | null)[] = [];
    simulation.trace.onRecord = (record) => {
      if (record.type === 'readAnswered') answers.push(record.readIndex);
    };
    const { index } = simulation.propose(leader, bytes('a'));
    await simulation.until(() => simulation.applied(leader).lastApplied === index, 500);
    simulation.read(leader);
    simulation.read(others(leader)[0] ?? '');
    await simulation.run(200);
    expect(answers, 'of the leader, and of a follower that asks it').to.deep.equal([index, index]);
  });

  it('ends in agreement whatever happened, once all is well again', async () => {
    for (const seed of [21, 22, 23]) {
      simulation = simulate(roughWeather(seed));
      await play(simulation, faultSchedule(seed, simulation.ids, 2000), 2500);
      simulation.network.heal();
      for (const id of simulation.ids) {
        simulation.disk(id).conditions = { syncMs: [0.2, 0.2], writeFailures: 0, tornWrites: 0 };
        simulation.restart(id);
      }
      const agree = () => digests().length === 1 && simulation.applied('n1').lastApplied > 20;
      expect(await simulation.until(agree, 10_000), `agreement with seed ${seed}`).to.equal(true);
      simulation.stop();
    }
  });

  it('says which actors let time stand still', async () => {
    simulation = simulate({ nodes: 3, seed: 1, raft: { heartbeatMs: 0 } });
    const error = await errorOf(simulation.run(10_000));
    expect(error).to.be.instanceOf(TimeStandsStill);
    expect(error.message).to.match(/^10001 events at [\d.]+ ms: time stands still for /);
    expect(error.message).to.match(
      /n\d raft \(xstate\.after\.retransmissionTime\.raft\.preCandidate\.asking\)/,
    );
  });

  it('rejects with the error that a node ended with, if nobody asked for it', async () => {
    const leader = await led();
    simulation.disk(leader).write = () => {
      throw new TypeError('a fault of the program');
    };
    simulation.propose(leader, bytes('a'));
    expect((await errorOf(simulation.run(100))).message).to.equal('a fault of the program');
  });

  it('waits for no timer and no file of the machine', async () => {
    const { setTimeout: realSetTimeout, setInterval: realSetInterval } = globalThis;
    let timers = 0;
    const resources = new Set<string>();
    const before = new Set(process.getActiveResourcesInfo());
    const watched = simulate(roughWeather(6));
    simulation = watched;
    try {
      Object.assign(globalThis, {
        setTimeout: () => (timers += 1),
        setInterval: () => (timers += 1),
      });
      const look = () => {
        for (const resource of process.getActiveResourcesInfo()) resources.add(resource);
        return false;
      };
      await watched.until(look, 1000);
    } finally {
      Object.assign(globalThis, { setTimeout: realSetTimeout, setInterval: realSetInterval });
    }
    expect(timers, 'timers set').to.equal(0);
    // Timers are counted above: one of the test runner's own may be among these.
    const expected = new Set([...before, 'Immediate', 'Timeout']);
    expect([...resources].filter((resource) => !expected.has(resource))).to.deep.equal([]);
  });
});
