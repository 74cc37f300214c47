/** Makes what a scenario says: a simulation, what can be done to it, and what happens in it by itself. */
import { describeCommand } from '../../kv/describeCommand.ts';
import { simulateKv } from '../../kv/simulation/kvSimulation.ts';
import type {
  ActionOutcome,
  ClusterAction,
  ClusterActionType,
} from '../../runtime/observation/clusterAction.ts';
import type { ClusterEvent } from '../../runtime/observation/clusterFrame.ts';
import type { DescribeCommand } from '../../runtime/observation/entryText.ts';
import { describeFault, play as playSchedule } from '../../runtime/simulation/faults.ts';
import { Watcher } from '../../runtime/simulation/invariants/watcher.ts';
import { play as playScript } from '../../runtime/simulation/script/script.ts';
import { type Simulation, simulate } from '../../runtime/simulation/simulation.ts';
import { keepSteps } from '../../runtime/simulation/soak/shrink.ts';
import { healsAndGoesOn, progressWithinMs } from '../../runtime/simulation/soak/trial.ts';
import { partsOf, planFor } from '../../runtime/simulation/soak/variants.ts';
import type { Scenario } from './scenario.ts';
import { storyNamed } from './stories.ts';

export interface World {
  readonly simulation: Simulation;
  readonly describe?: DescribeCommand;
  readonly actions: ReadonlySet<ClusterActionType>;
  /** Reads and writes of clients; undefined: this is none. */
  serve(action: ClusterAction): Promise<ActionOutcome> | undefined;
}

export interface WorldHooks {
  /** The simulation is there, and nothing has happened in it yet. */
  onOpen(world: World): void;
  /** Hears of the steps of a story as it is played: the lines of its script, by their places. */
  onStep(line: string, place: number): void;
  /** Something that is not seen of the nodes has happened. */
  onEvent(event: Pick<ClusterEvent, 'type' | 'text'>): void;
}

const faults = ['crash', 'restart', 'pause', 'cut', 'mend', 'partition', 'heal', 'transfer'] as const;
/** Slow enough to be seen, and in about the proportion that networks and timeouts have. */
const sandboxNetwork = { hopMs: [8, 22] } as const;
const sandboxDisk = { syncMs: [1, 3] } as const;

/** Opens a world and plays what happens in it by itself; settles when that is over. */
export async function runWorld(scenario: Scenario, hooks: WorldHooks): Promise<void> {
  switch (scenario.kind) {
    case 'sandbox':
      hooks.onOpen(sandbox(scenario.seed, scenario.nodes));
      return;
    case 'story':
      await tell(scenario.name, hooks);
      return;
    case 'plan':
      await follow(scenario, hooks);
      return;
    case 'live':
      throw new TypeError('A live cluster is not simulated.');
  }
}

function sandbox(seed: number, nodes: number): World {
  const options = { nodes, seed, network: sandboxNetwork, disk: sandboxDisk };
  const { simulation, clerk, keys } = simulateKv(options);
  const serve = async (action: ClusterAction): Promise<ActionOutcome> => {
    if (action.type === 'put') {
      await clerk.put(action.key, action.value);
      return { isDone: true, text: `${action.key} is "${action.value}".`, value: action.value };
    }
    if (action.type === 'get') {
      const value = await clerk.get(action.key);
      if (value === '') return { isDone: true, text: `There is no key ${action.key}.`, value: null };
      return { isDone: true, text: `${action.key} is "${value}".`, value };
    }
    const leader = simulation.leader();
    const prefix = action.type === 'keys' ? action.prefix : '';
    const found = leader === undefined ? [] : keys(leader).filter((key) => key.startsWith(prefix));
    return { isDone: leader !== undefined, text: `Keys: ${found.length}.`, keys: found };
  };
  const served: readonly ClusterActionType[] = ['put', 'get', 'keys'];
  return {
    ...{ simulation, describe: describeCommand },
    actions: new Set([...faults, ...served]),
    serve: (action) => (served.includes(action.type) ? serve(action) : undefined),
  };
}

async function tell(name: string, { onOpen, onStep }: WorldHooks): Promise<void> {
  await playScript(storyNamed(name).text, `${name}.txt`, {
    onOpen: ({ simulation }) => onOpen({ simulation, actions: new Set(faults), serve: () => undefined }),
    onStep,
  });
}

/** What the soak does with the seed, up to the first thing that must not be. */
async function follow(
  { seed, nodes, variant, steps }: Extract<Scenario, { kind: 'plan' }>,
  { onOpen, onEvent }: WorldHooks,
): Promise<void> {
  const whole = planFor(seed, nodes, variant);
  const { options, schedule, durationMs } = steps ? keepSteps(whole, steps) : whole;
  const simulation = simulate(options, partsOf(variant));
  const watcher = new Watcher(simulation);
  onOpen({ simulation, actions: new Set(faults), serve: () => undefined });
  const told = schedule.map(({ atMs, fault }) => ({
    atMs,
    // Asked for when it happens.
    get fault() {
      onEvent({ type: 'network', text: `${describeFault(fault)}.` });
      return fault;
    },
  }));
  const isViolated = () => watcher.violation !== undefined;
  const goesOn =
    (await playSchedule(simulation, told, durationMs, isViolated)) ||
    (await healsAndGoesOn(simulation, isViolated));
  if (!isViolated() && goesOn) watcher.finish();
  const { violation } = watcher;
  if (violation) onEvent({ type: 'failed', text: `${violation.invariant} is broken: ${violation.what}` });
  else if (!goesOn) {
    onEvent({
      type: 'failed',
      text: `Progress is broken: a node applied nothing new in ${progressWithinMs} ms.`,
    });
  } else onEvent({ type: 'command', text: 'Everything held.' });
}
