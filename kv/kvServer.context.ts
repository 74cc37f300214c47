/** What the key/value server's chart remembers and hears. */
import type { NodeId } from '../machines/configuration.ts';
import type { Entry } from '../machines/entry.ts';
import type { SnapshotId } from '../machines/ports.ts';
import type { KvServing } from './kvServing.ts';
import type { Item } from './wire.ts';

export interface KvServerContext {
  /** What is served from: owned by the actor, never copied. */
  readonly serving: KvServing;
  readonly leader: NodeId | null;
  readonly lastApplied: number;
  /** The first deadline of what is applied, ms since the Unix epoch; Infinity: there is none. */
  readonly nextDeadline: number;
  /** The deadline that the timer is set for. */
  readonly awaitedDeadline: number;
  /** A snapshot is being written. */
  readonly snapshotting: boolean;
  /** A snapshot is being taken over: the state is none meanwhile. */
  readonly restoring: boolean;
}

/** A copy, field by field: quick in V8, however often it is copied again. */
export function copyOfKvServerContext(of: KvServerContext): KvServerContext {
  return {
    serving: of.serving,
    leader: of.leader,
    lastApplied: of.lastApplied,
    nextDeadline: of.nextDeadline,
    awaitedDeadline: of.awaitedDeadline,
    snapshotting: of.snapshotting,
    restoring: of.restoring,
  };
}

export type KvServerEvent =
  | { readonly type: 'requested'; readonly token: number; readonly items: readonly Item[] }
  | { readonly type: 'entriesApplied'; readonly entries: readonly Entry[] }
  | { readonly type: 'snapshotReceived'; readonly snapshot: SnapshotId }
  | { readonly type: 'readConfirmed'; readonly tokens: readonly number[]; readonly readIndex: number | null }
  | { readonly type: 'leadershipGained' }
  | { readonly type: 'leadershipLost' }
  | { readonly type: 'leaderChanged'; readonly leader: NodeId | null }
  | { readonly type: 'snapshotEnded' }
  | { readonly type: 'snapshotRestored' }
  | { readonly type: 'stopAsked' };

export interface KvServerInput {
  readonly serving: KvServing;
  /** The index of the snapshot that the state was restored from; 0: none. */
  readonly lastApplied: number;
}
