/** Every decision is visible: what the source names stands in the definitions that a visualizer draws. */
import { expect } from 'chai';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { charts } from '../../../kv/charts.ts';

interface Graph {
  readonly states: string[];
  readonly edges: { from: string; event: string; to: string[] }[];
  readonly guards: Set<string>;
  readonly actions: Set<string>;
  readonly delays: Set<string>;
  readonly actors: Set<string>;
  /** What has no name, and where. */
  readonly nameless: string[];
}

/** XState's own, for the timers of `after`. */
const builtIn = new Set(['xstate.raise', 'xstate.cancel']);

function nameOf(source: unknown): string | undefined {
  if (typeof source === 'string') return source;
  const type = (source as { type?: unknown } | null)?.type;
  return typeof type === 'string' ? type : undefined;
}

/**
 * Walks a machine's definition, which is what visualizers are given. XState leaves eventless transitions out of it; they
 * are read from the state nodes.
 */
function render(machine: AnyStateMachine): Graph {
  const graph: Graph = {
    ...{ states: [], edges: [], nameless: [] },
    ...{ guards: new Set(), actions: new Set(), delays: new Set(), actors: new Set() },
  };
  const note = (kind: 'guards' | 'actions', source: unknown, where: string) => {
    const name = nameOf(source);
    if (name === undefined) graph.nameless.push(`${kind} of ${where}`);
    else if (!builtIn.has(name)) graph[kind].add(name);
  };
  const visit = (definition: AnyStateNode['definition']) => {
    graph.states.push(definition.id);
    if (!definition.description) graph.nameless.push(`description of ${definition.id}`);
    for (const action of [...definition.entry, ...definition.exit]) note('actions', action, definition.id);
    const always = machine.getStateNodeById(definition.id).always ?? [];
    for (const transition of [...definition.transitions, ...always]) {
      const where = `${definition.id} on ${transition.eventType}`;
      const to = (transition.target ?? []).map((target: AnyStateNode) => target.id);
      graph.edges.push({ from: definition.id, event: transition.eventType, to });
      if (transition.guard !== undefined) note('guards', transition.guard, where);
      for (const action of transition.actions) note('actions', action, where);
      const [, delay] = /^xstate\.after\.([^.]+)\./.exec(transition.eventType) ?? [];
      if (delay) graph.delays.add(delay);
    }
    for (const { src } of definition.invoke) {
      const name = nameOf(src);
      if (name === undefined) graph.nameless.push(`actor of ${definition.id}`);
      else graph.actors.add(name);
    }
    const spawns = (definition.meta as { spawns?: string } | undefined)?.spawns;
    if (spawns) graph.actors.add(spawns);
    for (const child of Object.values(definition.states)) visit(child);
  };
  visit(machine.definition);
  return graph;
}

const sorted = (names: Iterable<string>) => [...names].sort();

describe('statecharts', () => {
  for (const { name, machine } of charts) {
    describe(name, () => {
      const graph = render(machine);

      it('names every guard, action and actor, and describes every state', () => {
        expect(graph.nameless).to.deep.equal([]);
      });

      it('uses every guard, action, delay and actor of its source, and no other', () => {
        const { guards, actions, delays, actors } = machine.implementations;
        expect(sorted(graph.guards), 'guards').to.deep.equal(sorted(Object.keys(guards)));
        expect(sorted(graph.actions), 'actions').to.deep.equal(sorted(Object.keys(actions)));
        expect(sorted(graph.delays), 'delays').to.deep.equal(sorted(Object.keys(delays)));
        expect(sorted(graph.actors), 'actors').to.deep.equal(sorted(Object.keys(actors)));
      });

      it('reaches every state', () => {
        const reached = new Set<string>();
        const enter = (node: AnyStateNode) => {
          for (let up: AnyStateNode | undefined = node; up; up = up.parent) reached.add(up.id);
          if (node.type === 'parallel')
            for (const child of Object.values(node.states)) enter(child as AnyStateNode);
          else if (node.initial) for (const target of node.initial.target) enter(target);
        };
        enter(machine.root);
        for (const { to } of graph.edges) for (const id of to) enter(machine.getStateNodeById(id));
        expect(sorted(reached)).to.deep.equal(sorted(graph.states));
      });

      it('survives JSON: nothing in its definition is lost on the way to a visualizer', () => {
        const told = JSON.stringify(machine.definition);
        for (const state of graph.states) expect(told).to.include(`"${state}"`);
        const drawn = `${told}${JSON.stringify(machine.config)}`;
        for (const guard of graph.guards) expect(drawn).to.include(`"${guard}"`);
        for (const action of graph.actions) expect(drawn).to.include(`"${action}"`);
      });
    });
  }
});
