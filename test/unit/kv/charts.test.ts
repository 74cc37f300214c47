/** The statecharts as files: what a tool is given says what the machines say, and docs/charts is what the command writes. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type AnyStateMachine, type AnyStateNode, createActor, createMachine, type StateValue } from 'xstate';
import { charts } from '../../../kv/charts.ts';
import { filesOf } from '../../../kv/commandLine/charts.ts';
import { runCommandLine } from '../../../kv/commandLine/runCommandLine.ts';
import { type Box, layOut, margin, type Point } from '../../../runtime/chartExport/chartLayout.ts';
import { shapeOf } from '../../../runtime/chartExport/chartShape.ts';
import { docCommentsOf } from '../../../runtime/chartExport/docComments.ts';
import { exportChart } from '../../../runtime/chartExport/exportedChart.ts';
import { svgText } from '../../../runtime/chartExport/svgText.ts';
import { sizeOf } from '../../../runtime/chartExport/textBlock.ts';
import { runCommand } from '../../runningCommand.ts';

const folder = new URL('../../../docs/charts/', import.meta.url);

/** Where each begins when no guard holds. */
const beginnings: Readonly<Record<string, StateValue>> = {
  raft: { follower: { patience: 'waiting', reads: 'none' } },
  replicator: 'probing',
  storage: 'ready',
  applier: 'idle',
  node: 'running',
  kvServer: 'catchingUp',
  clerk: 'asking',
};

interface Outline {
  readonly id: string;
  readonly [decided: string]: unknown;
}

/** All that decides what a machine does, by name. */
function outlineOf(machine: AnyStateMachine): Outline[] {
  const outline: Outline[] = [];
  const named = (source: unknown) =>
    typeof source === 'string' ? source : JSON.parse(JSON.stringify(source));
  const builtIn = (action: unknown) => (action as { type?: string }).type?.startsWith('xstate.') ?? false;
  const own = (actions: readonly unknown[]) => actions.filter((action) => !builtIn(action)).map(named);
  const visit = (node: AnyStateNode): void => {
    const { id, type, description, meta, entry, exit, invoke, always = [] } = node;
    outline.push({
      ...{ id, type, description, meta, entry: own(entry), exit: own(exit) },
      initial: type === 'compound' ? node.initial.target.map((target) => target.id) : [],
      invoked: invoke.map((one) => ({ src: one.src, id: one.id, systemId: one.systemId })),
      transitions: [...always, ...[...node.transitions.values()].flat()].map((transition) => ({
        ...{ event: transition.eventType, guard: transition.guard, reenter: transition.reenter },
        ...{ actions: own(transition.actions), targets: transition.target?.map((target) => target.id) },
      })),
    });
    for (const child of Object.values(node.states)) visit(child as AnyStateNode); // typed as any
  };
  visit(machine.root);
  return outline;
}

describe('statecharts as files', () => {
  for (const chart of charts) {
    const { name, machine } = chart;
    describe(name, () => {
      const read = (extension: string) => readFile(new URL(`${name}.${extension}`, folder), 'utf8');

      it('is in docs/charts as `npm run charts` writes it', async () => {
        for (const [file, text] of await filesOf(chart, svgText)) {
          expect(await readFile(new URL(file, folder), 'utf8'), `${file} is out of date`).to.equal(text);
        }
      });

      it('says what each of its states, guards, actions and delays is for', async () => {
        const sources = chart.sources.map((source) =>
          readFile(new URL(`../../../${source}.ts`, import.meta.url), 'utf8'),
        );
        const { guards, actions, delays } = exportChart(machine, docCommentsOf(await Promise.all(sources)));
        const silent = [...guards, ...actions, ...delays].filter(
          ({ description = '' }) => description === '',
        );
        expect(silent.map((one) => one.name)).to.deep.equal([]);
        const states = outlineOf(machine).filter(({ description }) => !description);
        expect(states.map(({ id }) => id)).to.deep.equal([]);
      });

      it('is one TypeScript file that imports xstate alone, and starts', async () => {
        expect([...(await read('ts')).matchAll(/\bimport\b.*/g)].map(String)).to.satisfy(
          (imports: string[]) => imports.length === 1 && imports[0]?.endsWith(" from 'xstate';"),
        );
        const actor = createActor(await written(name)).start();
        const { value, status } = actor.getSnapshot();
        actor.stop();
        expect({ value, status }).to.deep.equal({ value: beginnings[name], status: 'active' });
      });

      it('has the states, transitions, guards, actions and delays of the original, as TypeScript and as JSON', async () => {
        const original = outlineOf(machine);
        expect(outlineOf(await written(name))).to.deep.equal(original);
        expect(outlineOf(createMachine(JSON.parse(await read('json'))))).to.deep.equal(original);
      });

      it('has stubs of the same names', async () => {
        const { implementations } = await written(name);
        for (const kind of ['guards', 'actions', 'delays', 'actors'] as const) {
          const names = Object.keys(machine.implementations[kind]);
          expect(Object.keys(implementations[kind]), kind).to.have.members(names);
        }
      });

      it('describes every delay, and shows that where it is waited for', async () => {
        const text = await read('json');
        for (const delay of Object.keys(machine.implementations.delays))
          expect(text).to.include(`"${delay}: `);
      });

      it('is drawn with every state, its text in its box, and every arrow between two boxes', async () => {
        const { states, arrows } = await layOut(shapeOf(machine));
        const drawn = states.filter(({ type }) => type !== 'initial');
        const titles = drawn.map(({ lines }) => lines[0]?.text ?? '');
        expect(titles).to.have.members(outlineOf(machine).map(({ id }) => id.slice(id.lastIndexOf('.') + 1)));
        const labels = arrows.flatMap(({ label }) => label ?? []);
        for (const { x, y, depth, lines, width, height } of drawn) {
          const text = { x: x + margin, y: y + margin, ...sizeOf(lines) };
          expect(text.width).to.be.below(width);
          expect(text.height).to.be.below(height);
          const inner = drawn.filter((other) => other.depth > depth);
          expect(
            [...inner, ...labels].filter((box) => overlap(box, text)),
            'on the text',
          ).to.be.empty;
        }
        for (const { points, label } of arrows) {
          for (const end of [points[0], points.at(-1)]) {
            expect(end && states.some((box) => isOnBorder(box, end)), 'it ends at a state').to.equal(true);
          }
          const leaves = drawn.filter(({ type }) => type === 'atomic' || type === 'final');
          expect(label && leaves.find((box) => overlap(box, label)), 'a label on a state').to.equal(
            undefined,
          );
        }
        for (const [i, label] of labels.entries()) {
          expect(
            labels.slice(i + 1).filter((other) => overlap(other, label)),
            'labels on each other',
          ).to.be.empty;
        }
      });

      it('leaves nothing out of the Mermaid diagram', async () => {
        const text = await read('mmd');
        const { guards, actions } = machine.implementations;
        for (const guard of Object.keys(guards)) expect(text).to.include(`[${guard}]`);
        for (const action of Object.keys(actions)) expect(text).to.match(new RegExp(`[/,] ${action}\\b`));
        const declared = [...text.matchAll(/^ *state ".*" as (\w+)/gm)].map(([, one]) => one);
        const states = outlineOf(machine)
          .slice(1)
          .map(({ id }) => id.replaceAll('.', '_'));
        expect(declared).to.include.members(states);
        expect(declared, 'declared twice').to.have.length(new Set(declared).size);
        const known = [...declared, '[*]'];
        const ends = [...text.matchAll(/^ *(\S+) --> (\S+)/gm)].flatMap(([, from, to]) => [from, to]);
        expect(known).to.include.members(ends);
      });
    });
  }

  it('docs/charts holds no other file', async () => {
    const written = charts.flatMap(({ name }) =>
      ['ts', 'json', 'mmd', 'svg'].map((kind) => `${name}.${kind}`),
    );
    expect(await readdir(folder)).to.have.members(written);
  });

  it('a description is taken from the doc comment above the name, and from no other comment', () => {
    const source = `
      // Not this.
      plain: () => true,
      /**
       * Two
       * lines.
       */
      guard: () => true,
      /** Of a type. */
      interface Guard { /** A field. */ readonly field: number }
      /** A function. */
      action(one) {},`;
    expect([...docCommentsOf([source])]).to.deep.equal([
      ['guard', 'Two lines.'],
      ['action', 'A function.'],
    ]);
  });

  it('a transition is described by what its delay, guard and actions are described by', () => {
    const machine = createMachine({
      ...{ id: 'm', initial: 'a' },
      states: {
        a: { after: { wait: [{ guard: 'g', actions: 'x', target: 'b' }, { target: 'b' }] } },
        b: { on: { e: 'a' }, after: { wait: 'a' } },
      },
    });
    const { config } = exportChart(machine, new Map(Object.entries({ wait: 'W.', g: 'G.', x: 'X.' })));
    const first = { guard: 'g', actions: 'x', target: 'b', description: 'wait: W.\ng: G.\nx: X.' };
    expect(config.states).to.deep.equal({
      a: { after: { wait: [first, { target: 'b', description: 'wait: W.' }] } },
      b: { on: { e: 'a' }, after: { wait: { target: 'a', description: 'wait: W.' } } },
    });
  });

  describe('xstate-raft charts', () => {
    let out: string;
    beforeEach(async () => {
      out = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    });
    afterEach(() => rm(out, { recursive: true }));

    it('writes all of them to a folder', async () => {
      const { code, stdout } = await runCommand(['charts', '--out', path.join(out, 'new', 'folder')]);
      expect({ code, stdout: stdout.trim() }).to.deep.include({ code: 0 });
      expect(await readdir(path.join(out, 'new', 'folder'))).to.have.members(await readdir(folder));
    });

    it('says what is wrong with a folder that it cannot write to', async () => {
      const file = path.join(out, 'file');
      await writeFile(file, '');
      const lines: string[] = [];
      const args = ['node', 'xstate-raft', 'charts', '--out', file];
      expect(await runCommandLine(args, (line) => lines.push(line))).to.equal(1);
      expect(lines.join()).to.match(
        /^xstate-raft: Cannot write the charts to .*file \(EEXIST.*\): choose another/,
      );
      expect(await runCommandLine(args.slice(0, 3), (line) => lines.push(line))).to.equal(2);
      expect(lines[1]).to.contain('--out');
    });
  });
});

async function written(name: string): Promise<AnyStateMachine> {
  const module = (await import(new URL(`${name}.ts`, folder).href)) as Record<string, AnyStateMachine>;
  const machine = module[`${name}Machine`];
  if (!machine) throw new Error(`docs/charts/${name}.ts exports no ${name}Machine.`);
  return machine;
}

/** Within a pixel. */
function isOnBorder({ x, y, width, height }: Box, point: Point): boolean {
  const isNear = (one: number, other: number) => Math.abs(one - other) < 1;
  const isBeside = point.x > x - 1 && point.x < x + width + 1;
  const isLevel = point.y > y - 1 && point.y < y + height + 1;
  const isAtSide = isNear(point.x, x) || isNear(point.x, x + width);
  const isAtEnd = isNear(point.y, y) || isNear(point.y, y + height);
  return (isAtSide && isLevel) || (isAtEnd && isBeside);
}

function overlap(one: Box, other: Box): boolean {
  const isApart = (a: number, aLength: number, b: number, bLength: number) =>
    a + aLength <= b || b + bLength <= a;
  return !(
    isApart(one.x, one.width, other.x, other.width) || isApart(one.y, one.height, other.y, other.height)
  );
}
