/** Every bound of the segmented log, each with its reason. Sizes in bytes. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** Large enough that a new segment is rare (seconds apart under load), small enough to be freed and read in one go. */
export const defaultSegmentBytes = 16 * MiB;

/** The header has a block of the disk to itself: a record that is torn by a crash cannot take it along. */
export const segmentHeaderBytes = 4 * KiB;

/** Segments freed by a compaction and kept for reuse: about what is filled until the next one, and no disk hoarded. */
export const defaultSpareSegmentsMax = 4;

/** Records begin at multiples of this: where a search for records behind a damaged one has to look. */
export const recordAlignment = 8;

/** Entries in one record. Below 2 GiB, which is what one read or one checksum of Node takes; no group comes near it. */
export const recordEntryBytesMax = 1024 * MiB;

/** A node id or a cluster id, as UTF-8: what the transport can carry. */
export const nameBytesMax = 255;

/** A record's header and its state part: two hard states with the longest node ids, and numbers. */
export const recordHeadBytesMax = 1 * KiB;

/** Zeros are written and synced in pieces of this size: what a log write in between may have to wait for (1 ms at p99). */
export const zeroPieceBytes = 256 * KiB;

/** Recovered entries are gathered in blocks of about this size: memory is let go in such steps after a compaction. */
export const recoveredBlockBytes = 1 * MiB;

/** A snapshot is verified in pieces of this size. */
export const snapshotPieceBytes = 1 * MiB;

/** A write up to this size is done on the event loop, some 0.02 to 0.15 ms; of a larger one, neither it nor its sync. */
export const loopWriteBytesMax = 64 * KiB;

/** The disk is quick if one of several syncs takes at most so long, ms: then the loop waits for it, a fraction of a heartbeat. */
export const loopSyncMsMax = 1;

/** A sync that keeps the loop for so long, ms, sends the next ones to another thread: a fifth of a heartbeat. */
export const stallMs = 20;

/** Syncs that are judged together, at first and after many stalls: a disk that stalls every few seconds is left alone for longer. */
export const syncsJudged = 16;
export const syncsJudgedMax = 16 * 1024;

/** A snapshot is synced in steps of this size while it is written: a log write waits for a step of it, not for all. */
export const snapshotSyncBytes = 256 * KiB;

/**
 * Where records of this size fill the segments, these are not filled with zeros before: the disk would write all twice,
 * and what a sync costs more for the blocks that it has to find is little beside so many bytes.
 */
export const largeRecordBytes = 256 * KiB;
