/** One file of the log, open for writing at its end. */
import type { DiskFile } from './diskFile.ts';
import { recordEnd } from './record.ts';
import { segmentHeaderBytes } from './storageLimits.ts';

export class Segment {
  readonly file: DiskFile;
  /** Position in the log, from 1 without gaps. */
  readonly sequence: number;
  /** A random number that every record of this use of the file carries. */
  readonly epoch: number;
  /** Bytes that were really written before it was taken into use: no write up to here changes the file's size. */
  capacity: number;
  /** Where the next record goes. */
  end: number;
  /** The highest index of an entry that was written here, truncated or not. */
  lastIndex = 0;

  constructor(file: DiskFile, sequence: number, epoch: number, capacity: number, end = segmentHeaderBytes) {
    this.file = file;
    this.sequence = sequence;
    this.epoch = epoch;
    this.capacity = capacity;
    this.end = end;
  }

  get isEmpty(): boolean {
    return this.end === segmentHeaderBytes;
  }

  /** A record that is larger than a segment goes into one of its own, which it makes longer. */
  hasRoomFor(bytes: number): boolean {
    return this.isEmpty || recordEnd(this.end, bytes) <= this.capacity;
  }
}
