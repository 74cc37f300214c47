/** What whoever looks at a cluster may do to it, as plain data. */
import type { NodeId } from '../../machines/configuration.ts';

export type ClusterAction =
  /** kill -9: what is not on its disk is lost. */
  | { readonly type: 'crash'; readonly node: NodeId }
  | { readonly type: 'restart'; readonly node: NodeId }
  /** Its process stands still, for so many ms, or without `ms` until it is resumed. */
  | { readonly type: 'pause'; readonly node: NodeId; readonly ms?: number }
  | { readonly type: 'resume'; readonly node: NodeId }
  /** Nothing gets from one to the other; the way back stays open. */
  | { readonly type: 'cut'; readonly from: NodeId; readonly to: NodeId }
  | { readonly type: 'mend'; readonly from: NodeId; readonly to: NodeId }
  /** Nodes reach each other within a group only. */
  | { readonly type: 'partition'; readonly groups: readonly (readonly NodeId[])[] }
  /** All cuts are mended. */
  | { readonly type: 'heal' }
  /** Whoever leads hands over to it. */
  | { readonly type: 'transfer'; readonly to: NodeId }
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'get'; readonly key: string }
  /** The keys that there are, of those that begin so, some at a time: from the start, or from where an outcome ended. */
  | { readonly type: 'keys'; readonly prefix: string; readonly cursor?: string };

export type ClusterActionType = ClusterAction['type'];

/** What came of it. */
export interface ActionOutcome {
  readonly isDone: boolean;
  /** A sentence for whoever asked: what happened, or why it did not. */
  readonly text: string;
  /** Of a read; null: there is no such key. */
  readonly value?: string | null;
  readonly keys?: readonly string[];
  /** Where the keys go on; none: that was all. */
  readonly cursor?: string;
}
