/** Every bound of the protocol's core in one place, each with its reason. Sizes in bytes, times in ms. */

/** Heartbeat period: at most ten RPCs a second for an idle peer. */
export const heartbeatMs = 100;

/** Election timeouts are drawn from this range: three to six heartbeats, so that one lost heartbeat elects nobody. */
export const electionTimeoutMinMs = 300;
export const electionTimeoutMaxMs = 600;

/** How far the rates of two nodes' clocks may lie apart, as a share: crystals stay within a thousandth of this. */
export const clockDriftMax = 0.1;

/** A timer that fires later than this is taken as a stalled loop: the sockets are read once before it is believed. */
export const lateTimerMs = 30;

/** How soon a follower is told of a newer commit index when no entry happens to carry it. */
export const commitNoticeMs = 10;

/**
 * AppendEntries calls in flight to one follower: one that it syncs, and one on its way behind it. What comes meanwhile
 * gathers: each message costs both ends a sync, a reply and some wakes, whatever it carries.
 */
export const inFlightMax = 2;

/**
 * Entry bytes in flight to one follower, counted before the last message: what a link of 100 Mbit/s carries in the
 * heartbeat after which it is taken for lost. Few large entries would fill the places of the window with far more.
 */
export const inFlightBytesMax = 1024 * 1024;

/** Entry bytes in one AppendEntries: large enough to amortise a message, small enough not to delay a heartbeat. */
export const appendBytesMax = 512 * 1024;

/** Entry bytes in one AppendEntries while it is not known where the follower's log agrees: it may well be refused. */
export const probeBytesMax = 64 * 1024;

/** Entry bytes in one write of the storage, what has gathered beyond it goes with the next: a checksum of some ms. */
export const writeBytesMax = 4 * 1024 * 1024;

/**
 * How long a round of confirmation waits for the peers that it asked before it asks all: several times what one in the
 * same building takes, also when it is busy. A read waits so much longer once when a peer is lost.
 */
export const confirmationPatienceMs = 20;

/** Bytes of a snapshot in one InstallSnapshot. */
export const snapshotChunkBytes = 256 * 1024;

/** Entries handed to the service in one turn of the event loop, when there is much to apply: a pause of about 5 ms. */
export const applyEntriesMax = 1024;

/** Largest payload of one entry: a frame of the wire and a record of the log must hold it whole. */
export const entryPayloadBytesMax = 64 * 1024 * 1024;

/** Indexes and terms are stored in 48 bits. */
export const indexMax = 2 ** 48 - 1;
