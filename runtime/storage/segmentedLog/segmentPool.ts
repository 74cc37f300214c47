/**
 * Where segments come from and where they go. The next one is made before it is needed, filled with zeros that are
 * really written: a write into such space changes neither the file's size nor its blocks, so that one fdatasync costs
 * about half. Segments that a compaction freed are used again instead, under a new epoch.
 */
import { randomInt } from 'node:crypto';
import type { Background } from './background.ts';
import type { DiskFile } from './diskFile.ts';
import type { DiskFolder } from './diskFolder.ts';
import { StorageMisused } from './errors.ts';
import { encodeFileHeader } from './fileHeader.ts';
import { segmentDraftName, segmentName, spareName } from './fileNames.ts';
import { Segment } from './segment.ts';
import { segmentHeaderBytes, zeroPieceBytes } from './storageLimits.ts';

export interface SegmentPoolOptions {
  readonly folder: DiskFolder;
  readonly background: Background;
  readonly group: number;
  readonly segmentBytes: number;
  readonly spareSegmentsMax: number;
  /** Names of files of `segmentBytes` bytes. */
  readonly spares: readonly string[];
  readonly nextSequence: number;
}

export class SegmentPool {
  readonly #options: SegmentPoolOptions;
  readonly #spares: string[];
  #nextSequence: number;
  #next: Promise<Segment> | undefined;
  /** A write waits for the next one. */
  #isAwaited = false;
  /** Made, and not taken yet. */
  #ready: Segment | undefined;
  /** To be kept or removed, their files still open. */
  #retired: Segment[] = [];

  constructor(options: SegmentPoolOptions) {
    this.#options = options;
    this.#spares = [...options.spares];
    this.#nextSequence = options.nextSequence;
  }

  /**
   * Has the next segment made, unless it is being made. `isToBeFilled`: with zeros; otherwise it is of its full size
   * without having the blocks for it.
   */
  prepareNext(isToBeFilled = true): void {
    if (this.#next) return;
    this.#next = this.#options.background.run(() => this.#make(isToBeFilled));
    // Thrown by `take`.
    this.#next.catch(() => {});
  }

  /**
   * The next segment, empty and durable. A write that waits for it does so no longer than it has to: it is filled with
   * zeros no further.
   * @throws StorageFailed
   */
  async take(isAwaited: boolean): Promise<Segment> {
    this.prepareNext();
    this.#isAwaited = isAwaited;
    const segment = await this.#next;
    this.#isAwaited = false;
    this.#next = undefined;
    this.#ready = undefined;
    if (!segment) throw new StorageMisused('Only one segment is taken at a time.');
    return segment;
  }

  /** Keeps the files for another use, or removes them if there are enough. */
  retire(segments: readonly Segment[]): void {
    this.#retired.push(...segments);
    this.#options.background.start(() => this.#retireAll());
  }

  /** To be called when the work in the background is over. */
  async close(): Promise<void> {
    for (const { file } of this.#retired) await file.close();
    await this.#ready?.file.close();
  }

  async #make(isToBeFilled: boolean): Promise<Segment> {
    const { folder, group, segmentBytes } = this.#options;
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    const epoch = randomInt(1, 2 ** 48 - 1);
    const spare = this.#spares.pop();
    const draft = spare ?? segmentDraftName(sequence);
    const file = await folder.open(draft, spare ? 'r+' : 'wx+');
    try {
      await file.write(encodeFileHeader('RAFTSEGM', { group, first: sequence, second: epoch }), 0);
      if (!spare && isToBeFilled) await this.#fillWithZeros(file);
      if (!spare) await file.truncate(segmentBytes);
      await file.sync();
      // Under its name a segment is always whole: the name comes last.
      await folder.rename(draft, segmentName(sequence));
      file.path = folder.pathOf(segmentName(sequence));
      await folder.sync();
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#ready = new Segment(file, sequence, epoch, segmentBytes);
    return this.#ready;
  }

  async #fillWithZeros(file: DiskFile): Promise<void> {
    const { segmentBytes, background } = this.#options;
    const isStopped = () => this.#isAwaited || background.stoppedBy !== undefined;
    await writeZeros(file, segmentHeaderBytes, segmentBytes, isStopped);
    if (background.stoppedBy) throw background.stoppedBy;
  }

  async #retireAll(): Promise<void> {
    const { folder, segmentBytes, spareSegmentsMax } = this.#options;
    for (let segment = this.#retired.shift(); segment; segment = this.#retired.shift()) {
      const { file, sequence, capacity, end } = segment;
      await file.close();
      const isRegular = capacity === segmentBytes && end <= capacity;
      if (isRegular && this.#spares.length < spareSegmentsMax) {
        const spare = spareName();
        await folder.rename(segmentName(sequence), spare);
        this.#spares.push(spare);
      } else {
        await folder.unlink(segmentName(sequence));
      }
    }
    // Before a spare's header is written anew: never may a crash bring back its old name with the new header.
    await folder.sync();
  }
}

/** Writes zeros from one offset up to another, synced piece by piece, and stops early if `isStopped` says so. */
export async function writeZeros(
  file: DiskFile,
  from: number,
  to: number,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const zeros = new Uint8Array(Math.min(zeroPieceBytes, Math.max(0, to - from)));
  for (let at = from; at < to && !isStopped(); at += zeros.byteLength) {
    await file.write(zeros.subarray(0, to - at), at);
    await file.sync();
  }
}
