/**
 * The storage of a node on disk: a log in segments, and one snapshot. A write group is one record, one write and one
 * sync; nothing on that path makes a promise or copies an entry.
 */
import type {
  SnapshotId,
  StagedSnapshot,
  Storage,
  StoredSnapshot,
  StoredState,
  WriteGroup,
} from '../../../machines/ports.ts';
import { atTurnEnd } from '../../turnEnd.ts';
import { Background } from './background.ts';
import type { DiskFolder } from './diskFolder.ts';
import { StorageClosed, StorageFailed, StorageMisused } from './errors.ts';
import { writeAll } from './files.ts';
import type { FolderLock } from './folderLock.ts';
import { LogState } from './logState.ts';
import { RecordEncoder, recordEnd } from './record.ts';
import type { RecoveredLog } from './recovery.ts';
import type { Segment } from './segment.ts';
import { SegmentPool } from './segmentPool.ts';
import type { SnapshotReader } from './snapshotReader.ts';
import { Snapshots } from './snapshots.ts';
import { largeRecordBytes } from './storageLimits.ts';

/** What `openSegmentedLog` has found or made. */
export interface SegmentedLogParts {
  readonly folder: DiskFolder;
  readonly lock: FolderLock;
  readonly group: number;
  readonly segmentBytes: number;
  readonly spareSegmentsMax: number;
  readonly spares: readonly string[];
  readonly log: RecoveredLog;
  readonly snapshot: SnapshotReader | undefined;
}

type Done = (error?: Error) => void;

export class SegmentedLog implements Storage {
  readonly #path: string;
  readonly #lock: FolderLock;
  readonly #background = new Background();
  readonly #pool: SegmentPool;
  readonly #snapshots: Snapshots;
  readonly #encoder: RecordEncoder;
  readonly #state: LogState;
  #recovered: StoredState;
  /** Oldest first, without the active one. */
  #sealed: Segment[];
  #active: Segment;
  #nextRecord: number;
  // Of the write under way.
  #done: Done | undefined;
  #recordBytes = 0;
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor({ folder, group, lock, log, snapshot, ...options }: SegmentedLogParts) {
    const { segments, state, nextRecord } = log;
    const active = segments.at(-1);
    if (!active) throw new StorageMisused('A log has at least one segment.');
    this.#path = folder.path;
    this.#lock = lock;
    this.#sealed = segments.slice(0, -1);
    this.#active = active;
    this.#nextRecord = nextRecord;
    this.#recovered = { ...state.hardState, snapshot: state.snapshot, entries: state.entries };
    this.#state = new LogState(state);
    this.#encoder = new RecordEncoder(group);
    const background = this.#background;
    this.#snapshots = new Snapshots(folder, group, background, snapshot);
    this.#pool = new SegmentPool({
      ...options,
      folder,
      group,
      background,
      nextSequence: active.sequence + 1,
    });
    this.#pool.prepareNext();
    this.#retireCovered();
  }

  /** Without its entries once a snapshot has been written since: their memory is the log's to let go. */
  get recovered(): StoredState {
    return this.#recovered;
  }

  write(group: WriteGroup, done: Done): void {
    if (this.#closing) {
      process.nextTick(done, new StorageClosed(this.#path));
      return;
    }
    if (this.#done) {
      // Final, too: what is refused would be missing below whatever is written next.
      this.#background.stop(new StorageMisused('A write is under way: the next one waits for its `done`.'));
    }
    if (this.#background.stoppedBy) {
      process.nextTick(done, this.#background.stoppedBy);
      return;
    }
    this.#done = done;
    if (group.snapshot) this.#sealThenAppend(group, group.snapshot);
    else this.#append(group);
  }

  snapshot(): StoredSnapshot | undefined {
    return this.#snapshots.hold();
  }

  stageSnapshot(id: SnapshotId): StagedSnapshot {
    return this.#snapshots.stage(id);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  #sealThenAppend(group: WriteGroup, staged: StagedSnapshot): void {
    if (staged.index <= this.#state.snapshotIndex) {
      // The snapshot that is there stands for all that this one does.
      staged.discard();
      this.#append(group);
      return;
    }
    this.#snapshots
      .seal(staged)
      .catch((error) => this.#background.stop(error))
      .then(() => this.#append(group));
  }

  #append(group: WriteGroup): void {
    try {
      if (this.#background.stoppedBy) throw this.#background.stoppedBy;
      const base = this.#active.isEmpty ? this.#state.base() : undefined;
      const fields = this.#state.recordOf(group, this.#snapshots.incoming, base);
      if (!fields) {
        process.nextTick(() => this.#report(undefined));
        return;
      }
      const { file, end, epoch } = this.#active;
      const head = this.#encoder.encode(fields, epoch, this.#nextRecord);
      const parts = [head];
      if (fields.entries) parts.push(fields.entries.bytes);
      for (const { bytes } of fields.furtherEntries ?? []) parts.push(bytes);
      this.#recordBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (!this.#active.hasRoomFor(this.#recordBytes)) {
        this.#rollOver(group);
        return;
      }
      this.#state.take(fields);
      if (fields.entries) this.#active.lastIndex = Math.max(this.#active.lastIndex, this.#state.lastIndex);
      // Behind what goes out in this turn: whoever hears of the entries writes them at the same time.
      atTurnEnd(() => writeAll(file.files, file.fd, parts, end, this.#written));
    } catch (error) {
      this.#background.stop(error);
      process.nextTick(() => this.#report(this.#background.stoppedBy));
    }
  }

  /** Goes on in the next segment, which is there already unless the disk is slow. */
  #rollOver(group: WriteGroup): void {
    this.#pool
      .take(true)
      .then((segment) => {
        this.#sealed.push(this.#active);
        this.#active = segment;
        this.#pool.prepareNext(this.#recordBytes < largeRecordBytes);
      })
      .catch((error) => this.#background.stop(error))
      .then(() => this.#append(group));
  }

  readonly #written = (error: Error | null): void => {
    const { file } = this.#active;
    if (error) this.#fail(new StorageFailed('write', file.path, error));
    else file.files.fdatasync(file.fd, this.#recordBytes, this.#synced);
  };

  readonly #synced = (error: Error | null): void => {
    if (error) {
      this.#fail(new StorageFailed('sync', this.#active.file.path, error));
      return;
    }
    this.#active.end = recordEnd(this.#active.end, this.#recordBytes);
    this.#nextRecord += 1;
    if (this.#snapshots.incoming) {
      this.#snapshots.promote();
      this.#recovered = { ...this.#recovered, entries: [] };
    }
    this.#retireCovered();
    // Durable, even if something else has failed meanwhile.
    this.#report(undefined);
  };

  #fail(error: unknown): void {
    this.#background.stop(error);
    this.#report(this.#background.stoppedBy);
  }

  #report(error: Error | undefined): void {
    const done = this.#done;
    this.#done = undefined;
    this.#onIdle?.();
    done?.(error);
  }

  /**
   * Lets go of the oldest segments whose entries a snapshot stands for. Only once the active one has a durable record:
   * its base holds the term and the vote that the others held.
   */
  #retireCovered(): void {
    const index = this.#state.snapshotIndex;
    const [oldest] = this.#sealed;
    if (!oldest || oldest.lastIndex > index) return;
    const kept = this.#sealed.findIndex(({ lastIndex }) => lastIndex > index);
    this.#pool.retire(this.#sealed.splice(0, kept < 0 ? this.#sealed.length : kept));
  }

  async #shutDown(): Promise<void> {
    if (this.#done) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    const closed = new StorageClosed(this.#path);
    await this.#background.settled();
    this.#background.stop(closed);
    const results = await Promise.allSettled([
      ...[...this.#sealed, this.#active].map(({ file }) => file.close()),
      this.#pool.close(),
      this.#snapshots.close(closed),
    ]);
    await this.#lock.release();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}
