/** What a node that does not tell of itself in full says through its Redis port, as the page shows nodes. */

import type { Role } from '../../runtime/events.ts';
import type { NodeFrame } from '../../runtime/observation/clusterFrame.ts';
import type { NodeFacts } from '../commandLine/nodeFacts.ts';

const roles: readonly string[] = ['follower', 'preCandidate', 'candidate', 'leader'] satisfies Role[];

export function factsFrame(facts: NodeFacts): NodeFrame {
  const { id, role, term, leader, lastLogIndex: lastIndex, commitIndex, lastApplied, snapshotIndex } = facts;
  return {
    ...{ id, term, leader, state: 'up', role: roles.includes(role) ? (role as Role) : 'follower' },
    ...{
      votedFor: null,
      election: null,
      leaderHeardAt: null,
      leadershipTransfer: false,
      votes: [],
      peers: [],
      actors: [],
    },
    log: {
      tail: [],
      lastIndex,
      commitIndex,
      appliedIndex: lastApplied,
      snapshotIndex,
      durableIndex: lastIndex,
    },
  };
}
