/** Bounds of the key/value service, each with its reason. Sizes in bytes, times in ms. */

/** Commands that wait to be committed; above it requests are refused as Overloaded, so that memory stays bounded. */
export const pendingBytesMax = 128 * 1024 * 1024;

/** The longest value that SETRANGE makes: as long as one that a Redis client may send. */
export const valueBytesMax = 16 * 1024 * 1024;

/** Replies of one transaction: they are kept in its session until they were seen. Two of the longest values. */
export const transactionReplyBytesMax = 33 * 1024 * 1024;

/** Patterns of keys: matching takes time in proportion to their length, for every key there is. */
export const patternBytesMax = 1024;

/** Keys that one SCAN looks at, whatever COUNT says: a few ms. */
export const scanCountMax = 10_000;

/** What a clerk holds for servers that do not answer; above it, new operations are refused as Overloaded. */
export const queuedBytesMax = 128 * 1024 * 1024;

/** What an operation costs a clerk besides its arguments: objects, and its place in several lists. */
export const operationBytesExtra = 256;

/** One request to a server is closed at this size; an operation that is larger has one of its own. */
export const requestBytesMax = 1024 * 1024;

/** The replies of one answer: above it, those that follow wait for the next. A frame of the transport holds 80 MiB. */
export const answerBytesMax = 64 * 1024 * 1024;

/** A server that has not answered after this long is asked no more: a leader commits in a fraction of it. */
export const callTimeoutMs = 1500;

/** A clerk that knows no leader asks the next server after this pause: some ten tries to an election. */
export const seekPauseMs = 30;

/** The Redis front gives up on a command after this long; an election takes a tenth of it. */
export const redisDeadlineMs = 10_000;

/**
 * A session that no command has used for so long ends: longer than an outage that a client waits out, and short enough
 * that those whose clients are gone do not pile up.
 */
export const sessionIdleMsMax = 60 * 60 * 1000;

/** CLUSTER waits so long for a leader to answer: an election's time, and less than the second that ioredis waits for it. */
export const confirmLeaderMsMax = 700;

/**
 * What sessions may keep. These, as all that a command's effect depends on, must be equal on all nodes; a session's own
 * limit of silence is therefore written into its registration.
 */
export const sessionLimits = {
  /** Beyond it the session that has been silent for the most log entries ends: some hundred bytes for each. */
  sessionsMax: 100_000,
  /**
   * Replies that a client has not said it saw: above it, a command has to wait until it does. A pipeline's worth of short
   * ones; one reply may be longer than that.
   */
  unseenBytesMax: 1024 * 1024,
  /** All of them together; beyond it the sessions that were silent for longest end. */
  repliesBytesMax: 256 * 1024 * 1024,
  /** What a reply costs besides its bytes. */
  replyOverheadBytes: 64,
  /** Sessions end at multiples of this, ms: it is nothing to the silence that they are allowed. */
  deadlineStepMs: 1000,
};

/**
 * Keys whose memory an entry gives back when their deadline has passed, and sessions that it ends: a pause of about
 * a millisecond. A million keys of one deadline are gone at once, their memory after four thousand entries or ticks.
 */
export const expiredPerEntryMax = 256;

/** A deadline is looked at again after this long at the latest: the time of day may be set while a timer runs. */
export const deadlineCheckMsMax = 10_000;

/** A leader that waited for a tick in vain for so long tries again: its proposals may have been closed. */
export const tickTimeoutMs = 200;

/** A log of this size is replaced by a snapshot. */
export const snapshotLogBytes = 64 * 1024 * 1024;
