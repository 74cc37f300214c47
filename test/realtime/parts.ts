/** The parts of the labs whose scenarios run on the real clock too. */
export const parts = {
  '2A': 'test/scenarios/elections.test.ts',
  '2B': 'test/scenarios/agreement.test.ts',
  '2C': 'test/scenarios/persistence.test.ts',
  '2D': 'test/scenarios/compaction.test.ts',
  '3A': 'test/scenarios/kvWithoutSnapshots.test.ts',
  '3B': 'test/scenarios/kvWithSnapshots.test.ts',
} as const satisfies Record<string, string>;

export type Part = keyof typeof parts;

export const partNames = Object.keys(parts) as Part[]; // the keys of the literal above

export function isPart(name: string): name is Part {
  return Object.hasOwn(parts, name);
}

/** Those of lab 2, for which the handout sets limits as a whole. */
export const labTwo: readonly Part[] = ['2A', '2B', '2C', '2D'];
