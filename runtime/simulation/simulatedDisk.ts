/**
 * A disk in simulated time: a write takes a while to be durable, a crash loses what is not, a write may fail. What it
 * holds and the write under way are plain data, so that they can be kept in an image and put back.
 */
import { type EntryBlock, entryOffsets } from '../../machines/entry.ts';
import { Log } from '../../machines/log.ts';
import type {
  HardState,
  SnapshotId,
  StagedSnapshot,
  StoredSnapshot,
  StoredState,
  WriteGroup,
} from '../../machines/ports.ts';
import type { SeededRandom } from '../../machines/random.ts';
import type { CapturableStorage } from '../capture.ts';
import type { EventOrder, VirtualTimer } from '../clock/simulationClock.ts';
import { MemoryStagedSnapshot, MemoryStoredSnapshot } from '../storage/memorySnapshot.ts';
import type { Range } from './network.ts';

/** Shares in [0, 1]. */
export interface DiskConditions {
  /** From a write to its being durable, ms. Below 0.01 counts as 0.01, so that time always moves. */
  readonly syncMs: Range;
  /** The share of writes that fail. */
  readonly writeFailures: number;
  /** The share of interrupted writes of which a part remains, in the order of the group's fields; else nothing does. */
  readonly tornWrites: number;
}

export const reliableDisk: DiskConditions = { syncMs: [0.2, 0.2], writeFailures: 0, tornWrites: 0 };

const syncMsMin = 0.01;

/** The failure that the simulation asked for. */
export class SimulatedDiskFailure extends Error {
  override readonly name = 'SimulatedDiskFailure';
  readonly code = 'SimulatedDiskFailure';
}

export interface SnapshotBytes extends SnapshotId {
  readonly bytes: Uint8Array;
}

/** A write group as plain data. */
export interface DurableGroup extends Pick<WriteGroup, 'hardState' | 'truncateFrom' | 'entries'> {
  readonly snapshot?: SnapshotBytes;
}

/** A group on its way to the disk, and when it is due on the clock. */
interface WriteUnderWay {
  readonly group: DurableGroup;
  readonly time: number;
  readonly sequence: number;
}

export interface DiskImage {
  readonly conditions: DiskConditions;
  readonly hardState: HardState;
  readonly snapshot: SnapshotBytes;
  readonly entries: EntryBlock;
  readonly writing: WriteUnderWay | null;
  readonly random: readonly number[];
}

const noSnapshot: SnapshotBytes = { index: 0, term: 0, bytes: new Uint8Array(0) };

export class SimulatedDisk implements CapturableStorage {
  conditions: DiskConditions;
  /** Hears of every group once it is durable, whole or not. */
  onDurable: (group: DurableGroup) => void = () => {};
  /** Hears of every group that was given to it and is lost, before what remains of it is told to be durable. */
  onLost: (group: DurableGroup) => void = () => {};
  readonly #clock: EventOrder;
  readonly #random: SeededRandom;
  readonly #label: string;
  #hardState: HardState = { term: 0, votedFor: null };
  #snapshot = noSnapshot;
  #log = new Log({ snapshot: noSnapshot, entries: [] });
  #writing: WriteUnderWay | undefined;
  #timer: VirtualTimer | undefined;
  #done: (error?: Error) => void = () => {};

  constructor(clock: EventOrder, random: SeededRandom, conditions = reliableDisk, label = 'a disk') {
    this.#clock = clock;
    this.#random = random;
    this.conditions = conditions;
    this.#label = label;
  }

  /** What is durable now. */
  get recovered(): StoredState {
    const { term, votedFor } = this.#hardState;
    const { index, term: snapshotTerm } = this.#snapshot;
    const entries = this.#copyOfEntries();
    const snapshot = { index, term: snapshotTerm };
    return { term, votedFor, snapshot, entries: entries.count > 0 ? [entries] : [] };
  }

  /** The bytes of the durable snapshot; empty if there is none. */
  get snapshotBytes(): Uint8Array {
    return this.#snapshot.bytes;
  }

  write(group: WriteGroup, done: (error?: Error) => void): void {
    if (this.#writing) throw new Error(`${this.#label} is given a second write while one is under way.`);
    const { syncMs } = this.conditions;
    const time = this.#clock.dueAt(Math.max(syncMsMin, this.#draw(syncMs)));
    this.#done = done;
    this.#begin({ group: asPlainData(group), time, sequence: this.#clock.takeSequence() });
  }

  snapshot(): StoredSnapshot | undefined {
    const { index, bytes } = this.#snapshot;
    return index > 0 ? new MemoryStoredSnapshot(this.#snapshot, bytes) : undefined;
  }

  stageSnapshot(id: SnapshotId): StagedSnapshot {
    return new MemoryStagedSnapshot(id);
  }

  /** The node is gone: nobody hears of the write under way, which becomes durable all the same. */
  async close(): Promise<void> {
    this.#done = () => {};
  }

  /** The power fails: the write under way is lost, or a part of it remains. */
  crash(): void {
    const writing = this.#writing;
    this.#clock.clearTimeout(this.#timer);
    this.#writing = undefined;
    this.#done = () => {};
    if (writing) this.#interrupt(writing.group);
  }

  resume(done: (error?: Error) => void): void {
    this.#done = done;
  }

  image(): DiskImage {
    // A pause of the process may have put the end of the write off.
    const writing = this.#writing && { ...this.#writing, time: this.#timer?.time ?? this.#writing.time };
    return {
      conditions: this.conditions,
      ...{ hardState: this.#hardState, snapshot: this.#snapshot, entries: this.#copyOfEntries() },
      ...{ writing: writing ?? null, random: this.#random.image() },
    };
  }

  /** Takes over an image; `resume` then says whom the write under way reports to. */
  restore(image: DiskImage): void {
    this.conditions = image.conditions;
    this.#hardState = image.hardState;
    this.#snapshot = image.snapshot;
    const entries = { ...image.entries, bytes: image.entries.bytes.slice() };
    this.#log = new Log({ snapshot: image.snapshot, entries: entries.count > 0 ? [entries] : [] });
    this.#random.restore(image.random);
    if (image.writing) this.#begin(image.writing);
  }

  #begin(writing: WriteUnderWay): void {
    this.#writing = writing;
    this.#timer = this.#clock.schedule(writing.time, writing.sequence, this.#label, () =>
      this.#finish(writing),
    );
  }

  #finish({ group }: WriteUnderWay): void {
    const done = this.#done;
    this.#writing = undefined;
    if (this.#chance(this.conditions.writeFailures)) {
      this.#interrupt(group);
      done(new SimulatedDiskFailure(`${this.#label} failed to write, as its conditions ask.`));
      return;
    }
    this.#apply(group);
    done();
  }

  #interrupt(group: DurableGroup): void {
    this.onLost(group);
    if (this.#chance(this.conditions.tornWrites)) this.#apply(prefixOf(group, this.#random.next()));
  }

  #apply(group: DurableGroup): void {
    if (group.hardState) this.#hardState = group.hardState;
    if (group.snapshot) {
      this.#snapshot = group.snapshot;
      this.#log.compactTo(group.snapshot);
    }
    if (group.truncateFrom !== undefined) this.#log.truncateFrom(group.truncateFrom);
    if (group.entries) this.#log.appendBlock(group.entries);
    this.onDurable(group);
  }

  #copyOfEntries(): EntryBlock {
    const entries = this.#log.slice(this.#log.firstIndex, Number.POSITIVE_INFINITY);
    return { ...entries, bytes: entries.bytes.slice() };
  }

  #chance(share: number): boolean {
    return share > 0 && this.#random.next() < share;
  }

  #draw([min, max]: Range): number {
    return min === max ? min : min + this.#random.next() * (max - min);
  }
}

/** A group that shares no memory with the node that wrote it. */
function asPlainData(group: WriteGroup): DurableGroup {
  const { hardState, snapshot, truncateFrom, entries, furtherEntries = [] } = group;
  const staged = snapshot as MemoryStagedSnapshot | undefined; // made by stageSnapshot
  return {
    ...(hardState && { hardState: { ...hardState } }),
    ...(staged && { snapshot: { index: staged.index, term: staged.term, bytes: staged.bytes() } }),
    ...(truncateFrom !== undefined && { truncateFrom }),
    ...(entries && { entries: inOne([entries, ...furtherEntries]) }),
  };
}

/** A copy of blocks that follow each other. */
function inOne(blocks: readonly EntryBlock[]): EntryBlock {
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const bytes = new Uint8Array(Buffer.concat(blocks.map((block) => block.bytes)));
  return { firstIndex: blocks[0]?.firstIndex ?? 0, count, bytes };
}

/** The first fields of a group and the first of its entries: `share`, in [0, 1), of the steps that it is written in. */
function prefixOf(group: DurableGroup, share: number): DurableGroup {
  const { hardState, snapshot, truncateFrom, entries } = group;
  const fields = [
    ...(hardState ? [{ hardState }] : []),
    ...(snapshot ? [{ snapshot }] : []),
    ...(truncateFrom === undefined ? [] : [{ truncateFrom }]),
  ];
  const steps = fields.length + (entries?.count ?? 0);
  const kept = Math.floor(share * (steps + 1));
  const count = kept - fields.length;
  const prefix: DurableGroup = Object.assign({}, ...fields.slice(0, kept));
  if (!entries || count <= 0) return prefix;
  const end = entryOffsets(entries.bytes, entries.firstIndex)[count];
  return { ...prefix, entries: { ...entries, count, bytes: entries.bytes.subarray(0, end) } };
}
