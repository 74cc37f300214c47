/** Random write groups for the segmented log: planned without knowing the log, made to fit it when their turn comes. */
import fc from 'fast-check';
import type { SnapshotId, Storage, WriteGroup } from '../../../machines/ports.ts';
import { block, type Model, stage } from './segmentedLogFixture.ts';

export interface GroupPlan {
  readonly hardState: { readonly term: number; readonly votedFor: string | null } | undefined;
  /** Entries from the end (below 0: behind it) that the snapshot leaves, and whether its term is the entry's. */
  readonly snapshot: { readonly leaves: number; readonly isOther: boolean } | undefined;
  /** Entries dropped at the end. */
  readonly dropped: number | undefined;
  readonly entries: { readonly termStep: number; readonly sizes: readonly number[] } | undefined;
}

const size = fc.oneof(
  { weight: 10, arbitrary: fc.nat(300) },
  { weight: 2, arbitrary: fc.integer({ min: 1000, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 8000, max: 12_000 }) },
);

function sometimes<T>(arbitrary: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight, arbitrary }, { weight: 10 - weight, arbitrary: fc.constant(undefined) });
}

export const groupPlan: fc.Arbitrary<GroupPlan> = fc.record({
  hardState: sometimes(
    fc.record({ term: fc.nat(1000), votedFor: fc.constantFrom(null, 'n1', 'n2', 'a-longer-name') }),
    3,
  ),
  snapshot: sometimes(
    fc.record({
      leaves: fc.integer({ min: -3, max: 12 }),
      isOther: fc.boolean(),
    }),
    2,
  ),
  dropped: sometimes(fc.nat(4), 2),
  entries: sometimes(
    fc.record({
      termStep: fc.constantFrom(0, 0, 0, 1, 5),
      sizes: fc.array(size, { minLength: 1, maxLength: 6 }),
    }),
    8,
  ),
});

/** What the snapshot of an index and a term holds in these tests; undefined for none. */
export function snapshotText({ index, term }: SnapshotId): string | undefined {
  return index === 0 ? undefined : `state at ${index} of ${term} `.repeat(((index + term) % 20) + 1);
}

/** The group that a plan stands for, given what the log holds. `before` is not changed. */
export async function groupOf(plan: GroupPlan, before: Model, storage: Storage): Promise<WriteGroup> {
  const model = before.copy();
  let group: WriteGroup = plan.hardState ? { hardState: plan.hardState } : {};
  if (plan.snapshot) {
    const { leaves, isOther } = plan.snapshot;
    const index = Math.max(1, model.lastIndex - leaves);
    const term = (model.termAt(index) ?? model.termAt(model.lastIndex) ?? 0) + (isOther ? 1 : 0);
    const text = snapshotText({ index, term }) ?? '';
    const half = Math.floor(text.length / 2);
    const snapshot = await stage(storage, { index, term }, text.slice(0, half), text.slice(half));
    group = { ...group, snapshot };
  }
  model.apply(group);
  if (plan.dropped !== undefined) {
    group = { ...group, truncateFrom: Math.max(1, model.lastIndex + 1 - plan.dropped) };
    model.apply({ truncateFrom: model.lastIndex + 1 - plan.dropped });
  }
  if (plan.entries) {
    const term = (model.termAt(model.lastIndex) ?? 0) + plan.entries.termStep;
    group = { ...group, entries: block(model.lastIndex + 1, term, plan.entries.sizes) };
  }
  return group;
}
