/** Entries and messages in a learner's words. `2@3 "y"` is the entry at index 2, of term 3, with the command y. */
import { type Entry, type EntryBlock, EntryKind, entryOffsets, readEntry } from '../../machines/entry.ts';
import type {
  AppendEntriesReply,
  AppendEntriesRequest,
  InstallSnapshotRequest,
} from '../../machines/messages.ts';
import type { Message } from '../codec.ts';
import type { NodeStatus } from '../raftNode.options.ts';

export const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const toText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The entries of one block, as they stand in it. */
export function entriesOf(block: EntryBlock): Entry[] {
  return entryOffsets(block.bytes, block.firstIndex).map((offset) => readEntry(block.bytes, offset));
}

export function entryText({ index, term, kind, payload }: Entry): string {
  return `${index}@${term} ${kind === EntryKind.command ? `"${toText(payload)}"` : 'of its own'}`;
}

export function listText(entries: readonly Entry[]): string {
  return entries.map(entryText).join(', ');
}

function logText({ lastLogIndex, lastLogTerm }: { lastLogIndex: number; lastLogTerm: number }): string {
  return lastLogIndex === 0 ? 'My log is empty.' : `My log ends at ${lastLogIndex}@${lastLogTerm}.`;
}

/** What a message says, in direct speech, to a hearer whose status was this when it came. */
export function speech(message: Message, hearer: NodeStatus | undefined): string {
  switch (message.type) {
    case 'preVote':
      return `would you vote for me in term ${message.term}? ${logText(message)}`;
    case 'preVoteReply':
      return `I would ${message.voteGranted ? '' : 'not '}vote for you in term ${message.term}.`;
    case 'requestVote': {
      const asked = message.leadershipTransfer ? ' Your leader asked me to stand.' : '';
      return `vote for me in term ${message.term}! ${logText(message)}${asked}`;
    }
    case 'requestVoteReply':
      if (message.voteGranted) return `you have my vote in term ${message.term}.`;
      return message.term > (hearer?.term ?? 0)
        ? `no vote from me: I am in term ${message.term}.`
        : `no vote from me in term ${message.term}.`;
    case 'appendEntries':
      return appendText(message);
    case 'appendEntriesReply':
      return replyText(message, hearer);
    case 'installSnapshot':
      return chunkText(message);
    case 'installSnapshotReply': {
      const { installed, lastIncludedIndex, offset } = message;
      if (!leads(hearer, message.term)) return `no: I am in term ${message.term}.`;
      return installed
        ? `I have all that the snapshot up to ${lastIncludedIndex} stands for.`
        : `I have ${offset} bytes of the snapshot up to ${lastIncludedIndex}.`;
    }
    case 'timeoutNow':
      return `I lead term ${message.term}. Stand for election at once!`;
    case 'timeoutNowReply':
      return 'I have heard it.';
    case 'readIndex':
      return 'from which index on may I answer reads?';
    case 'readIndexReply':
      return message.success ? `read from ${message.readIndex} on.` : 'I do not lead.';
    default:
      return `a ${message.type}.`;
  }
}

function appendText({
  term,
  prevLogIndex,
  prevLogTerm,
  entries,
  leaderCommit,
}: AppendEntriesRequest): string {
  const before = `${prevLogIndex}@${prevLogTerm}`;
  const said = [`I lead term ${term}.`];
  if (entries.count > 0) {
    const list = listText(entriesOf(entries));
    said.push(prevLogIndex === 0 ? `The log begins with ${list}.` : `After ${before} comes ${list}.`);
  } else if (prevLogIndex > 0) said.push(`Do you have ${before}?`);
  if (leaderCommit > 0) said.push(`Committed: up to ${leaderCommit}.`);
  return said.join(' ');
}

function leads(hearer: NodeStatus | undefined, term: number): boolean {
  return hearer?.role === 'leader' && hearer.term === term;
}

function replyText(reply: AppendEntriesReply, hearer: NodeStatus | undefined): string {
  const { term, success, matchIndex, conflictIndex, conflictTerm } = reply;
  if (success && matchIndex === 0) return `I follow you in term ${term}.`;
  if (success) return `I have all up to ${matchIndex}, in term ${term}.`;
  if (!leads(hearer, term)) return `no: I am in term ${term}.`;
  return conflictTerm === 0
    ? `no: my log ${conflictIndex === 1 ? 'is empty' : `ends at ${conflictIndex - 1}`}.`
    : `no: there I have term ${conflictTerm}, from index ${conflictIndex} on.`;
}

function chunkText(chunk: InstallSnapshotRequest): string {
  const { term, lastIncludedIndex, lastIncludedTerm, offset, data, done } = chunk;
  const snapshot = `the snapshot up to ${lastIncludedIndex}@${lastIncludedTerm}`;
  const bytes = `bytes ${offset} to ${offset + data.byteLength - 1}`;
  return `I lead term ${term}. Of ${snapshot}: ${bytes}${done ? ', which is the end of it' : ''}.`;
}
