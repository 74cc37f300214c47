/** Makes what a scenario says: a simulation, what can be done to it, and what happens in it by itself. */
import { describeCommand } from '../../kv/describeCommand.ts';
import { simulateKv } from '../../kv/simulation/kvSimulation.ts';
import type {
  ActionOutcome,
  ClusterAction,
  ClusterActionType,
} from '../../runtime/observation/clusterAction.ts';
import { describeFault, play as playSchedule } from '../../runtime/simulation/faults.ts';
import { Watcher } from '../../runtime/simulation/invariants/watcher.ts';
import { play as playScript } from '../../runtime/simulation/script/script.ts';
import { simulate } from '../../runtime/simulation/simulation.ts';
import { keepSteps } from '../../runtime/simulation/soak/shrink.ts';
import { healsAndGoesOn, progressWithinMs } from '../../runtime/simulation/soak/trial.ts';
import { partsOf, planFor } from '../../runtime/simulation/soak/variants.ts';
import type { Stage } from '../../runtime/simulation/stage.ts';
import { tellLab } from './labStories.ts';
import type { Scenario } from './scenario.ts';
import { scriptBeats } from './scriptBeats.ts';
import { storyNamed } from './stories.ts';
import type { World, WorldHooks } from './world.ts';

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
    ...{ simulation, describe: describeCommand, hasClients: true },
    actions: new Set([...faults, ...served]),
    serve: (action) => (served.includes(action.type) ? serve(action) : undefined),
  };
}

async function tell(name: string, hooks: WorldHooks): Promise<void> {
  const { content } = storyNamed(name);
  if ('lab' in content) {
    await tellLab(content.lab, hooks);
    return;
  }
  const { onOpen, onTold } = hooks;
  const beats = scriptBeats(content.script);
  await playScript(content.script, `${name}.txt`, {
    onOpen: ({ simulation }) => onOpen(bare(simulation)),
    onStep: (_, line) => onTold(beats.at(line), line),
  });
  onTold(beats.end, Number.MAX_SAFE_INTEGER - 1);
}

/** Nodes that nobody uses but by proposals. */
function bare(simulation: Stage): World {
  return { simulation, actions: new Set(faults), serve: () => undefined, hasClients: false };
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
  onOpen(bare(simulation));
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
