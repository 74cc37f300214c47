/** What the files of a data folder are called. */
import { randomUUID } from 'node:crypto';
import type { SnapshotId } from '../../../machines/ports.ts';

export const identityName = 'identity.json';

const digits = 12;

export function segmentName(sequence: number): string {
  return `log-${String(sequence).padStart(digits, '0')}.segment`;
}

/** A segment that waits to be used again. Sequence numbers may come back after a crash, so its name is a random one. */
export function spareName(): string {
  return `spare-${randomUUID()}.segment`;
}

/** A segment that is being made. */
export function segmentDraftName(sequence: number): string {
  return `log-${String(sequence).padStart(digits, '0')}.tmp`;
}

export function snapshotName({ index, term }: SnapshotId): string {
  return `snapshot-${index}-${term}.snapshot`;
}

/** @param attempt tells apart two snapshots of the same index that are on their way at once */
export function stagedSnapshotName({ index, term }: SnapshotId, attempt: number): string {
  return `snapshot-${index}-${term}-${attempt}.tmp`;
}

export const identityDraftName = 'identity.tmp';

/** The sequence numbers of the segments in a folder, ascending. */
export function segmentSequences(names: readonly string[]): number[] {
  return names
    .map((name) => /^log-(\d+)\.segment$/.exec(name)?.[1])
    .filter((sequence) => sequence !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

export function isSpare(name: string): boolean {
  return /^spare-[-\da-f]+\.segment$/.test(name);
}

export function isSnapshot(name: string): boolean {
  return /^snapshot-\d+-\d+\.snapshot$/.test(name);
}

/** Left over by a process that ended in the middle of making a file. */
export function isDraft(name: string): boolean {
  return /^(log|snapshot|identity)[-\d]*\.tmp$/.test(name);
}
