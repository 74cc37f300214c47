/** What applications hear of a node, through one typed mitt emitter. */
import mitt, { type Emitter } from 'mitt';
import type { NodeId } from '../machines/configuration.ts';

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

/** A type, not an interface: mitt asks for an index signature. */
export type NodeEvents = {
  roleChanged: { readonly role: Role; readonly term: number };
  leaderChanged: { readonly leader: NodeId | null; readonly term: number };
  committed: { readonly commitIndex: number };
  snapshotInstalled: { readonly index: number; readonly term: number };
  /** A peer lacks an entry that it had acknowledged to this leader: its storage was lost. It takes no more from it. */
  peerLostEntries: { readonly peer: NodeId; readonly index: number };
  /** The disk failed, or the node met a state that must not be; it takes part no more. */
  storageFailed: { readonly error: Error };
};

export type NodeEmitter = Emitter<NodeEvents>;

// mitt's types describe its CommonJS build, whose default is a property; what is imported here is the function itself.
const makeMitt = mitt as unknown as typeof mitt.default;

export function makeEmitter(): NodeEmitter {
  return makeMitt<NodeEvents>();
}
