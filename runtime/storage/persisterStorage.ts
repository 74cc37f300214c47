/**
 * A lab persister as a node's storage. The persister takes the whole state at each save, so everything that came due in
 * one turn of the event loop goes into one save.
 *
 * State, little-endian: u8 format version, u16 group, u48 term, u48 snapshot index, u48 snapshot term, u8 length of the
 * vote and the vote in UTF-8, then the entries.
 */
import { Buffer } from 'node:buffer';
import { entryOffsets } from '../../machines/entry.ts';
import { Log } from '../../machines/log.ts';
import type { HardState, SnapshotId, Storage, StoredState, WriteGroup } from '../../machines/ports.ts';
import { MemoryStagedSnapshot, MemoryStoredSnapshot } from './memorySnapshot.ts';
import type { Persister } from './persister.ts';

const stateFormatVersion = 1;
const stateHeaderBytes = 22;

/** A persisted state that this version cannot read. */
export class UnreadableState extends Error {
  override readonly name = 'UnreadableState';
  readonly code = 'UnreadableState';
}

/** @throws UnreadableState */
export function persisterStorage(persister: Persister, group = 0): Storage {
  let recovered = decodeState(persister.readRaftState() ?? new Uint8Array(0), group);
  // What the persister holds, kept to build the next state from.
  const held = new Log(recovered);
  let hardState: HardState = recovered;
  /** The snapshot that the persister has. */
  let stored: SnapshotId = recovered.snapshot;
  let closed = false;

  function save(group_: WriteGroup): void | Promise<void> {
    const staged = group_.snapshot as MemoryStagedSnapshot | undefined; // made by stageSnapshot below
    if (group_.hardState) hardState = group_.hardState;
    if (staged) held.compactTo(staged);
    if (group_.truncateFrom !== undefined) held.truncateFrom(group_.truncateFrom);
    if (group_.entries) held.appendCopy(group_.entries);
    for (const block of group_.furtherEntries ?? []) held.appendCopy(block);
    const snapshot = { index: held.snapshotIndex, term: held.snapshotTerm };
    return persister.save(encodeState(hardState, snapshot, held, group), staged?.bytes());
  }

  async function write(group_: WriteGroup, done: (error?: Error) => void): Promise<void> {
    await undefined; // the rest of the turn may bring more, which the next group then takes together
    if (closed) return;
    try {
      await save(group_);
      // Only now does the persister give the new bytes.
      if (group_.snapshot) {
        stored = { index: group_.snapshot.index, term: group_.snapshot.term };
        recovered = { ...recovered, entries: [] };
      }
    } catch (error) {
      done(error instanceof Error ? error : new Error(`The persister failed: ${String(error)}`));
      return;
    }
    if (!closed) done();
  }

  return {
    /** Without its entries once a snapshot has been saved since: their memory is the log's to let go. */
    get recovered() {
      return recovered;
    },
    write: (group_, done) => void write(group_, done),
    snapshot: () =>
      stored.index > 0 ? new MemoryStoredSnapshot(stored, persister.readSnapshot()) : undefined,
    stageSnapshot: (id) => new MemoryStagedSnapshot(id),
    close: async () => {
      closed = true;
    },
  };
}

function encodeState(hardState: HardState, snapshot: SnapshotId, log: Log, group: number): Uint8Array {
  const vote = Buffer.from(hardState.votedFor ?? '');
  const entries = log.slice(log.firstIndex, Number.POSITIVE_INFINITY).bytes;
  const state = Buffer.alloc(stateHeaderBytes + vote.byteLength + entries.byteLength);
  state.writeUInt8(stateFormatVersion, 0);
  state.writeUInt16LE(group, 1);
  state.writeUIntLE(hardState.term, 3, 6);
  state.writeUIntLE(snapshot.index, 9, 6);
  state.writeUIntLE(snapshot.term, 15, 6);
  state.writeUInt8(vote.byteLength, 21);
  state.set(vote, stateHeaderBytes);
  state.set(entries, stateHeaderBytes + vote.byteLength);
  return new Uint8Array(state.buffer, state.byteOffset, state.byteLength);
}

function decodeState(bytes: Uint8Array, group: number): StoredState {
  if (bytes.byteLength === 0)
    return { term: 0, votedFor: null, snapshot: { index: 0, term: 0 }, entries: [] };
  const state = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (state.byteLength < stateHeaderBytes || state.readUInt8(0) !== stateFormatVersion) {
    throw new UnreadableState(
      `The persisted state (${bytes.byteLength} bytes, format ${state[0]}) is not of format ${stateFormatVersion}: ` +
        'give this node the persister that it saved to, or an empty one.',
    );
  }
  if (state.readUInt16LE(1) !== group) {
    throw new UnreadableState(`The persisted state is of Raft group ${state.readUInt16LE(1)}, not ${group}.`);
  }
  const voteEnd = stateHeaderBytes + state.readUInt8(21);
  const vote = state.toString('utf8', stateHeaderBytes, voteEnd);
  const snapshot = { index: state.readUIntLE(9, 6), term: state.readUIntLE(15, 6) };
  const entries = bytes.slice(voteEnd);
  const firstIndex = snapshot.index + 1;
  const count = entryOffsets(entries, firstIndex).length;
  return {
    term: state.readUIntLE(3, 6),
    votedFor: vote === '' ? null : vote,
    snapshot,
    entries: count > 0 ? [{ firstIndex, count, bytes: entries }] : [],
  };
}
