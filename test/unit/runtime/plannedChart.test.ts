/** A chart that is run by a plan does what it does when XState's interpreter runs it. */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  assign,
  createActor,
  enqueueActions,
  type InspectionEvent,
  raise,
  SimulatedClock,
  setup,
} from 'xstate';
import { clerkMachine } from '../../../kv/clerk.ts';
import { kvServerMachine } from '../../../kv/kvServer.ts';
import { raftMachine } from '../../../machines/raft.ts';
import { replicatorMachine } from '../../../machines/replicator.ts';
import { storageMachine } from '../../../machines/storage.ts';
import { planned } from '../../../runtime/chart/plannedChart.ts';

/** A state as drawn; `targets` are places in the list of all states, counted around. */
interface Drawn {
  readonly type: 'compound' | 'parallel';
  readonly children: readonly Drawn[];
  readonly transitions: readonly DrawnTransition[];
  readonly eventless?: DrawnTransition | undefined;
  readonly delayed?: DrawnTransition | undefined;
}
interface DrawnTransition {
  readonly event: string;
  readonly target?: number | undefined;
  readonly reenter: boolean;
  readonly guard?: string | undefined;
  readonly actions: readonly string[];
}

const events = ['a', 'b', 'c.x', 'c.y.z'] as const;
const transition = fc.record({
  event: fc.constantFrom(...events, 'c.*', '*'),
  target: fc.option(fc.nat(11), { nil: undefined }),
  reenter: fc.boolean(),
  guard: fc.option(fc.constantFrom('isEven', 'isOdd', 'never'), { nil: undefined }),
  actions: fc.array(fc.constantFrom('increase', 'setFields', 'raiseB', 'enqueue', 'note'), { maxLength: 3 }),
});
const stateOf = (...children: fc.Arbitrary<Drawn>[]): fc.Arbitrary<Drawn> =>
  fc.record({
    type: fc.constantFrom('compound', 'parallel'),
    children: children.length > 0 ? fc.array(fc.oneof(...children), { maxLength: 3 }) : fc.constant([]),
    transitions: fc.array(transition, { maxLength: 3 }),
    eventless: fc.option(transition, { nil: undefined }),
    delayed: fc.option(transition, { nil: undefined }),
  });
const leaf = stateOf();
const branch = stateOf(leaf);
const chart = stateOf(leaf, branch, stateOf(leaf, branch));

function chartOf(root: Drawn) {
  const ids: string[] = [];
  const nameAll = (drawn: Drawn, id: string) => {
    ids.push(id);
    for (const [i, child] of drawn.children.entries()) nameAll(child, `${id}${i}`);
  };
  nameAll(root, 's');
  const targetOf = ({ target }: DrawnTransition) =>
    // The whole chart cannot be left.
    target === undefined || ids.length < 2 ? {} : { target: `#${ids[1 + (target % (ids.length - 1))]}` };
  const configOf = (drawn: DrawnTransition, id: string, actions: readonly string[] = []) => ({
    ...targetOf(drawn),
    ...{ reenter: drawn.reenter && id !== ids[0], actions: [...actions, ...drawn.actions] },
    ...(drawn.guard && { guard: drawn.guard }),
  });
  const build = (drawn: Drawn, id: string): object => {
    const on: Record<string, object[]> = {};
    for (const one of drawn.transitions) on[one.event] = [...(on[one.event] ?? []), configOf(one, id)];
    const { children, eventless, delayed } = drawn;
    return {
      ...{ id, on, tags: [id], entry: [`note`, 'increase'], exit: ['note'] },
      // An eventless transition spends what it has of a budget, so that there is an end.
      ...(eventless && { always: { ...configOf(eventless, id, ['spend']), guard: 'canSpend' } }),
      ...(delayed && { after: { soon: configOf(delayed, id) } }),
      ...(children.length > 0 && {
        ...(drawn.type === 'parallel' ? { type: 'parallel' } : { initial: 'c0' }),
        states: Object.fromEntries(children.map((child, i) => [`c${i}`, build(child, `${id}${i}`)])),
      }),
    };
  };
  const log: unknown[] = [];
  const machine = setup({
    types: {
      context: {} as { n: number; last: string; budget: number; raises: number },
      events: {} as { type: string },
    },
    guards: {
      isEven: ({ context }) => context.n % 2 === 0,
      isOdd: ({ context, event }) => context.n % 2 === 1 && event.type !== '',
      never: () => false,
      canSpend: ({ context }) => context.budget > 0,
    },
    delays: { soon: ({ context }) => 5 + (context.n % 3) },
    actions: {
      increase: assign(({ context }) => ({ n: context.n + 1 })),
      setFields: assign({ n: ({ context }) => context.n * 3 + 1, last: 'set' }),
      spend: assign(({ context }) => ({ budget: context.budget - 1 })),
      raiseB: enqueueActions(({ context, enqueue }) => {
        if (context.raises > 2) return;
        enqueue.assign({ raises: context.raises + 1 });
        enqueue.raise({ type: 'b' });
      }),
      enqueue: enqueueActions(({ enqueue, check }) => {
        if (check(({ context }) => context.n % 2 === 1)) enqueue.assign({ n: 8 });
        enqueue(({ context }) => log.push(['enqueued', context]));
      }),
      note: ({ context, event }) => log.push([event.type, context]),
    },
  }).createMachine({ context: { n: 0, last: '', budget: 6, raises: 0 }, ...build(root, 's') });
  return { machine, log };
}

/** All that can be seen of a run. */
function story(root: Drawn, sent: readonly string[], plan: boolean): unknown[] {
  const { machine, log } = chartOf(root);
  const clock = new SimulatedClock();
  const inspect = (inspected: InspectionEvent) => {
    if (inspected.type === '@xstate.event') log.push(['event', inspected.event.type]);
    if (inspected.type === '@xstate.snapshot') log.push(['snapshot', inspected.event.type]);
    if (inspected.type === '@xstate.action') log.push(['action', inspected.action.type]);
    if (inspected.type !== '@xstate.microstep') return;
    const { value, context } = inspected.snapshot as ReturnType<typeof actor.getSnapshot>;
    log.push(['step', inspected.event.type, value, context, inspected._transitions.length]);
  };
  const logic = plan ? planned(machine) : machine;
  if (plan) expect(logic, 'a chart that can be planned').not.to.equal(machine);
  const actor = createActor(logic, { clock, inspect });
  actor.start();
  for (const type of sent) {
    if (type === 'time') clock.increment(6);
    else actor.send({ type });
    const { value, context, tags, status, _nodes } = actor.getSnapshot();
    log.push([type, value, context, [...tags], status, _nodes.map(({ id }) => id)]);
  }
  actor.stop();
  return log;
}

describe('planned', () => {
  it('tells the same story as XState, whatever the chart and the events', () => {
    const anEvent = fc.constantFrom(...events, 'time', 'time', 'unknown');
    fc.assert(
      fc.property(chart, fc.array(anEvent, { minLength: 5, maxLength: 12 }), (root, sent) => {
        expect(story(root, sent, true)).to.deep.equal(story(root, sent, false));
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it('prefers the longest pattern that an event matches', () => {
    const heard: string[] = [];
    const hear = (pattern: string) => ({ [pattern]: { actions: () => heard.push(pattern) } });
    const { createMachine } = setup({ types: { events: {} as { type: string } } });
    const machine = createMachine({ on: { ...hear('*'), ...hear('c.*'), ...hear('c.y.*'), ...hear('c.y') } });
    const actor = createActor(planned(machine)).start();
    for (const type of ['a', 'c', 'c.x', 'cx', 'c.y', 'c.y.z']) actor.send({ type });
    actor.stop();
    expect(heard).to.deep.equal(['*', 'c.*', 'c.*', '*', 'c.y', 'c.y.*']);
  });

  it('runs the charts of a node', () => {
    for (const machine of [raftMachine, replicatorMachine, storageMachine, kvServerMachine, clerkMachine]) {
      expect(planned(machine), machine.id).not.to.equal(machine);
    }
  });

  it('ends where the chart ends', () => {
    const told: string[] = [];
    const machine = setup({ types: { context: {} as { heard: number } } }).createMachine({
      context: { heard: 0 },
      initial: 'a',
      on: { end: { target: '.b', actions: () => told.push('transition') } },
      states: {
        a: {
          exit: () => told.push('exit'),
          on: { count: { actions: assign(({ context }) => ({ heard: context.heard + 1 })) } },
        },
        b: { type: 'final', entry: () => told.push('entry') },
      },
    });
    const logic = planned(machine);
    expect(logic).not.to.equal(machine);
    const actor = createActor(logic);
    actor.subscribe({ complete: () => told.push('complete') });
    actor.start();
    for (const type of ['count', 'count', 'end', 'count']) actor.send({ type });
    expect(told).to.deep.equal(['exit', 'transition', 'entry', 'complete']);
    expect(actor.getSnapshot()).to.deep.include({ status: 'done', value: 'b', context: { heard: 2 } });
  });

  it('leaves to XState what it does not know', () => {
    const { createMachine } = setup({ guards: { atLeast: (_, least: number) => least > 0 } });
    const strange = [
      createMachine({ initial: 'a', states: { a: { type: 'final' } } }),
      createMachine({ initial: 'a', states: { a: { always: 'b' }, b: { type: 'final' } } }),
      createMachine({
        initial: 'a',
        entry: raise({ type: 'a' }),
        on: { a: '.b' },
        states: { a: {}, b: { type: 'final' } },
      }),
      createMachine({ initial: 'a', states: { a: { initial: 'b', states: { b: { type: 'final' } } } } }),
      createMachine({ on: { a: { guard: { type: 'atLeast', params: 1 } } } }),
      createMachine({ initial: 'a', states: { a: {}, b: { type: 'history' } } }),
      createMachine({ initial: 'a', on: { a: { target: '.a', reenter: true } }, states: { a: {} } }),
      createMachine({ on: { a: { target: undefined, actions: { type: 'unknown' } as never } } }),
    ];
    for (const machine of strange) expect(planned(machine)).to.equal(machine);
  });

  it('hands an error of a guard or an action to the actor, as XState does', () => {
    const machine = setup({
      guards: {
        fails: () => {
          throw new TypeError('a fault of the program');
        },
      },
      actions: { raiseLater: raise({ type: 'a' }, { delay: 1 }) },
    }).createMachine({ entry: 'raiseLater', on: { a: { guard: 'fails' } } });
    const clock = new SimulatedClock();
    const errors: unknown[] = [];
    const actor = createActor(planned(machine), { clock });
    actor.subscribe({ error: (error) => errors.push(error) });
    actor.start();
    clock.increment(1);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.be.instanceOf(TypeError);
    expect(actor.getSnapshot().status).to.equal('error');
  });
});
