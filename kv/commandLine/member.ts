/** A node of the cluster that `dev` runs, as the fleet and the screen see it. */
import type { NodeId } from '../../machines/configuration.ts';
import type { Role } from '../../runtime/events.ts';
import type { DevNode } from './devCluster.ts';
import type { NodeFacts } from './nodeFacts.ts';
import type { NodeProcess } from './nodeProcess.ts';

/**
 * - `running`: as a child of this process
 * - `gone`: it has ended
 * - `byHand`: somebody else has started it again
 */
export type MemberState = 'running' | 'gone' | 'byHand';

export interface Member {
  readonly id: NodeId;
  readonly node: DevNode;
  /** The latest one that was started here. */
  process: NodeProcess;
  state: MemberState;
  /** Its peers can reach it. */
  listens: boolean;
  role: Role;
  /** Its process stands still. */
  isPaused: boolean;
  /** It was ended on purpose, and can be started again: as long as that is so, the cluster is not at its end. */
  isHeld: boolean;
  /** Of one that was started by hand: what it said last. */
  facts: NodeFacts | undefined;
}
