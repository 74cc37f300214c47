/** Who belongs to a cluster. A majority is always asked of a configuration, never of a count of peers (paper, section 6). */

/** Names a node for good: short, printable, unique in its cluster. */
export type NodeId = string;

export interface Configuration {
  readonly voters: readonly NodeId[];
  /** Replicated to, but not counted. */
  readonly learners: readonly NodeId[];
}

/** True if `holds` for more than half of the voters. */
export function isMajority(configuration: Configuration, holds: (voter: NodeId) => boolean): boolean {
  let count = 0;
  for (const voter of configuration.voters) if (holds(voter)) count += 1;
  return count * 2 > configuration.voters.length;
}

/** The highest value that more than half of the voters have reached: of [5, 3, 1] it is 3, of [4, 4, 2, 1] it is 2. */
export function majorityValue(configuration: Configuration, reached: (voter: NodeId) => number): number {
  const { voters } = configuration;
  // The place of the value among all, in falling order, is how many are above it: of so few that is quicker than to sort.
  const place = Math.floor(voters.length / 2);
  for (const voter of voters) {
    const value = reached(voter);
    let above = 0;
    let equal = 0;
    for (const other of voters) {
      const otherValue = reached(other);
      if (otherValue > value) above += 1;
      else if (otherValue === value) equal += 1;
    }
    if (above <= place && place < above + equal) return value;
  }
  return 0;
}

/** Everyone that a leader sends to. */
export function othersIn(configuration: Configuration, me: NodeId): NodeId[] {
  return [...configuration.voters, ...configuration.learners].filter((id) => id !== me);
}
