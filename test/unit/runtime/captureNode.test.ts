/** One node, captured and put back: what an image holds, and what it does not share. */
import { expect } from 'chai';
import { assign, setup } from 'xstate';
import type { ServiceActor } from '../../../machines/node.ts';
import { SeededRandom } from '../../../machines/random.ts';
import type { RaftNodeWithServices } from '../../../runtime/raftNode.ts';
import { virtualScheduling } from '../../../runtime/scheduling.ts';
import {
  ActorClock,
  type CapturableNode,
  captureNode,
  makeCapturableNode,
  NotCapturable,
  restoreNode,
  SimulatedDisk,
  VirtualClock,
} from '../../../runtime/testing.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** What a lone voter is made of. */
function parts(services?: RaftNodeWithServices['services']) {
  const clock = new VirtualClock();
  const disk = new SimulatedDisk(clock, new SeededRandom(1));
  const options = {
    ...{ id: 'n1', configuration: { voters: ['n1'], learners: [] }, group: 0, storage: disk },
    ...{ clock: new ActorClock(clock, 'n1'), random: new SeededRandom(1), scheduling: virtualScheduling },
    ...{ sendRequest: () => {}, sendReply: () => {}, raft: {} },
    ...(services && { services }),
  };
  return { clock, disk, options };
}

/** A started node with a clock of its own. */
function lone(services?: RaftNodeWithServices['services']) {
  const made = parts(services);
  const life = makeCapturableNode(made.options);
  life.node.start();
  return { ...made, life };
}

/** The node, its disk and the clock as they are now. */
function imageOf({ clock, disk, life }: ReturnType<typeof lone>) {
  return { clock: clock.image(), disk: disk.image(), node: captureNode(life) };
}

function restored(image: ReturnType<typeof imageOf>, services?: RaftNodeWithServices['services']) {
  const made = parts(services);
  made.clock.restore(image.clock);
  made.disk.restore(image.disk);
  return { ...made, life: restoreNode(image.node, made.options) };
}

const roleChanges = ({ node }: CapturableNode, clock: VirtualClock) => {
  const changes: string[] = [];
  node.events.on('roleChanged', ({ role, term }) => changes.push(`${role} ${term} at ${clock.now()}`));
  return changes;
};

/** Counts what it is told to add, and once more after 50 ms. */
const counter = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'added' } },
  actions: { add: assign(({ context }) => ({ count: context.count + 1 })) },
}).createMachine({
  context: { count: 0 },
  initial: 'idle',
  states: {
    idle: { on: { added: { target: 'busy', actions: 'add' } } },
    busy: { after: { 50: { target: 'idle', actions: 'add' } } },
  },
});
const counting = (): ServiceActor[] => [{ id: 'counter', logic: counter, input: undefined }];
const countOf = ({ node }: CapturableNode): number =>
  node.actor.system.get('counter').getSnapshot().context.count;

describe('captureNode', () => {
  it('lets the restored node do what the captured one does, at the same times', async () => {
    const first = lone();
    await first.clock.run(100);
    const image = structuredClone(imageOf(first));
    const expected = roleChanges(first.life, first.clock);
    const again = [1, 2].map(() => restored(image));
    await first.clock.run(2000);
    expect(expected.at(-1)).to.match(/^leader 1 at/);
    for (const { life, clock } of again) {
      const changes = roleChanges(life, clock);
      await clock.run(2000);
      expect(changes).to.deep.equal(expected);
    }
  });

  it('shares no memory with the node: what the node does later does not reach the image', async () => {
    const first = lone();
    await first.clock.run(1000);
    first.life.node.propose(bytes('a'));
    await first.clock.run(1100);
    const image = imageOf(first);
    const before = structuredClone(image);
    first.life.node.propose(bytes('b'));
    await first.clock.run(3000);
    expect(image).to.deep.equal(before);
    const second = restored(image);
    second.life.node.propose(bytes('c'));
    await second.clock.run(5000);
    expect(image, 'after a restored node went on').to.deep.equal(before);
    expect(second.life.node.log.entryAt(2)?.payload).to.deep.equal(bytes('c'));
    expect(first.life.node.log.entryAt(2)?.payload).to.deep.equal(bytes('b'));
  });

  it('keeps its own bytes: who scribbles on an image changes neither the captured node nor a restored one', async () => {
    const first = lone();
    await first.clock.run(1000);
    first.life.node.propose(bytes('a'));
    await first.clock.run(1100);
    const image = imageOf(first);
    const second = restored(image);
    image.node.node.log.entries.bytes.fill(0);
    image.disk.entries.bytes.fill(0);
    for (const { life, disk } of [first, second]) {
      expect(life.node.log.entryAt(1)?.payload).to.deep.equal(bytes('a'));
      expect(disk.recovered.entries[0]?.bytes.subarray(-1)).to.deep.equal(bytes('a'));
    }
  });

  it('arms the timers so that their actors can still cancel them', async () => {
    const first = lone();
    await first.clock.run(1000);
    expect(first.life.node.isLeader).to.equal(true);
    const image = imageOf(first);
    const { timers } = image.node;
    expect(timers).to.have.length(1);
    const second = restored(image);
    expect(second.life.clock.image()).to.deep.equal(timers);
    await second.life.node.stop();
    expect(second.life.clock.image()).to.deep.equal([]);
  });

  it('tells the node of the write that was under way', async () => {
    const first = lone();
    await first.clock.run(1000);
    first.life.node.propose(bytes('a'));
    await first.clock.run(1000.1);
    expect(first.disk.image().writing).not.to.equal(null);
    const second = restored(imageOf(first));
    expect(second.life.node.status()).to.include({ commitIndex: 0, lastLogIndex: 1 });
    await second.clock.run(1001);
    expect(second.life.node.status()).to.include({ commitIndex: 1, lastApplied: 1 });
  });

  it('keeps a stopped node stopped', async () => {
    const first = lone();
    await first.clock.run(1000);
    await first.life.node.stop();
    const second = restored(imageOf(first));
    expect(second.life.node.status().role).to.equal('stopped');
    expect(second.life.node.propose(bytes('a')).isLeader).to.equal(false);
    await second.clock.run(5000);
  });

  it('holds the services of a node, with their timers', async () => {
    const first = lone(counting);
    first.life.node.tell('counter', { type: 'added' });
    await first.clock.run(20);
    const second = restored(imageOf(first), counting);
    await second.clock.run(49);
    expect(countOf(second.life)).to.equal(1);
    await second.clock.run(50);
    expect(countOf(second.life)).to.equal(2);
    expect(countOf(first.life)).to.equal(1);
  });

  it('refuses in the middle of a turn', async () => {
    const { clock, life } = lone();
    await clock.run(1000);
    life.node.propose(bytes('a'));
    expect(() => captureNode(life)).to.throw(NotCapturable, 'n1 is in the middle of a turn');
    await clock.run(1000);
    captureNode(life);
  });

  it('refuses what is no plain data, and says where it lies', () => {
    const keeping = setup({}).createMachine({ context: { held: { since: new Date(0) } } });
    const { life } = lone(() => [{ id: 'keeper', logic: keeping, input: undefined }]);
    expect(() => captureNode(life)).to.throw(NotCapturable, 'The context of keeper.held.since is a Date');
  });

  it('refuses a timer that no actor scheduled', () => {
    const { life } = lone();
    life.clock.setTimeout(() => {}, 10);
    expect(() => captureNode(life)).to.throw(
      NotCapturable,
      'n1 has 2 timers that are not all scheduled events',
    );
  });
});
