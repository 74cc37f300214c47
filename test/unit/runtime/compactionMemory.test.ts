/** What the log lets go of is freed: nothing else in a node refers to it. */
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { Storage } from '../../../machines/ports.ts';
import { SeededRandom } from '../../../machines/random.ts';
import { realClock } from '../../../runtime/clock/realClock.ts';
import { RaftNode } from '../../../runtime/raftNode.ts';
import { realScheduling } from '../../../runtime/scheduling.ts';
import { MemoryPersister } from '../../../runtime/storage/persister.ts';
import { persisterStorage } from '../../../runtime/storage/persisterStorage.ts';
import { eventually } from '../../eventually.ts';
import { useWorkplace } from './segmentedLogFixture.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const nodes: RaftNode[] = [];

/** Two of these do not fit into one slab. */
const entryBytes = 40_000;
const entries = 20;

interface Lone {
  readonly node: RaftNode;
  readonly storage: Storage;
}

/** A voter without others, which leads. */
async function leading(storage: Storage): Promise<Lone> {
  const node = new RaftNode({
    ...{ id: 'n1', group: 0, configuration: { voters: ['n1'], learners: [] }, storage },
    ...{ clock: realClock, random: new SeededRandom(1), scheduling: realScheduling },
    raft: { electionTimeoutMinMs: 5, electionTimeoutMaxMs: 10, noopAtTermStart: true },
    ...{ sendRequest: () => {}, sendReply: () => {} },
  });
  nodes.push(node);
  node.start();
  await eventually('it leads, and has applied all it has', async () => isIdle(node));
  return { node, storage };
}

function isIdle(node: RaftNode): true | undefined {
  const { lastApplied, lastLogIndex } = node.status();
  return node.isLeader && lastApplied === lastLogIndex ? true : undefined;
}

/** The memory that the log's entries lie in, without keeping any of it. */
function memoryOf({ node: { log } }: Lone): WeakRef<ArrayBufferLike>[] {
  const found: WeakRef<ArrayBufferLike>[] = [];
  for (let index = log.firstIndex; index <= log.lastIndex; index += 1) {
    found.push(new WeakRef(log.slice(index, 1).bytes.buffer));
  }
  return found;
}

async function propose({ node }: Lone): Promise<void> {
  for (let i = 0; i < entries; i += 1) {
    node.propose(new Uint8Array(entryBytes));
    await eventually('the entry is applied', async () => isIdle(node));
  }
}

/** Returns the snapshot that was staged. */
async function compact({ node, storage }: Lone): Promise<WeakRef<object>> {
  const staged = node.stageSnapshot(node.log.lastIndex);
  await staged?.add(new Uint8Array(10));
  if (staged) node.commitSnapshot(staged);
  await eventually('the snapshot is durable', async () => {
    const stored = storage.snapshot();
    stored?.release();
    return stored?.index === node.log.lastIndex ? true : undefined;
  });
  return new WeakRef(staged ?? {});
}

/** How many of them are still there after the garbage is collected, in a turn of its own. */
async function leftOf(memory: readonly WeakRef<object>[]): Promise<number> {
  await delay(0);
  collectGarbage();
  return memory.filter((slab) => slab.deref() !== undefined).length;
}

describe('a compacted log', () => {
  const workplace = useWorkplace();
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
  });
  const kinds: Readonly<Record<string, () => Promise<{ open(): Promise<Storage> }>>> = {
    'a persister': async () => {
      const persister = new MemoryPersister();
      return { open: async () => persisterStorage(persister) };
    },
    'a segmented log': async () => {
      const folder = await workplace.folder();
      return { open: () => workplace.open(folder, { segmentBytes: 64 * 1024 }) };
    },
  };

  for (const [kind, make] of Object.entries(kinds)) {
    it(`over ${kind} leaves none of its entries in memory`, async () => {
      const lone = await leading(await (await make()).open());
      await propose(lone);
      const memory = memoryOf(lone);
      expect(memory.length).to.be.greaterThan(entries);
      const staged = await compact(lone);
      expect(await leftOf(memory)).to.equal(0);
      expect(await leftOf([staged]), 'nor what was staged').to.equal(0);
    });

    it(`over ${kind} leaves none of the entries in memory that it found on its start`, async () => {
      const place = await make();
      const first = await leading(await place.open());
      await propose(first);
      await first.node.stop();
      const lone = await leading(await place.open());
      const memory = memoryOf(lone);
      expect(memory.length).to.be.greaterThan(entries);
      await compact(lone);
      expect(await leftOf(memory)).to.equal(0);
    });
  }
});
