/** Every scenario of the labs as a story: the definitions that the tests run, cut short where they repeat themselves. */
import { describeCommand } from '../../kv/describeCommand.ts';
import { KvCluster } from '../../kv/simulation/kvLab.ts';
import { SeededRandom } from '../../machines/random.ts';
import { BenchStage } from '../../runtime/simulation/stage.ts';
import { agreement } from '../../test/scenarios/labs/agreement.ts';
import { compaction } from '../../test/scenarios/labs/compaction.ts';
import { elections } from '../../test/scenarios/labs/elections.ts';
import { kvWithoutSnapshots } from '../../test/scenarios/labs/kvWithoutSnapshots.ts';
import { kvWithSnapshots } from '../../test/scenarios/labs/kvWithSnapshots.ts';
import type { LabScenario } from '../../test/scenarios/labs/labScenario.ts';
import { persistence } from '../../test/scenarios/labs/persistence.ts';
import type { Told } from './storyTeller.ts';
import type { World, WorldHooks } from './world.ts';

/** The seed that the tests have, too. */
const seed = '1';
/** Of its clock, ms; far more than any of them takes here. */
const limitMs = 120_000;

export interface LabPart {
  /** `2A elections` */
  readonly title: string;
  readonly scenarios: readonly LabScenario[];
}

export const labParts: readonly LabPart[] = [
  { title: '2A elections', scenarios: elections },
  { title: '2B log', scenarios: agreement },
  { title: '2C persistence', scenarios: persistence },
  { title: '2D log compaction', scenarios: compaction },
  { title: '3A key/value without snapshots', scenarios: kvWithoutSnapshots },
  { title: '3B key/value with snapshots', scenarios: kvWithSnapshots },
];

const actions = ['crash', 'restart', 'cut', 'mend', 'partition', 'heal', 'transfer'] as const;

/** Plays a scenario; settles when all that must hold has held, or is rejected with what did not. */
export async function tellLab(
  { name, open }: LabScenario,
  { onOpen, onTold }: Pick<WorldHooks, 'onOpen' | 'onTold'>,
): Promise<void> {
  const { bench, play } = open({ seed, realTime: false, limitMs });
  let count = 0;
  let isCut = false;
  const tell = (told: Told) => {
    onTold([told], count);
    count += 1;
  };
  bench.onAct = ({ text, isPause }) => tell({ kind: 'step', text, isSkipped: isPause });
  onOpen(worldOf(bench));
  await play({
    random: new SeededRandom(`${seed} ${name}`),
    realTime: false,
    say: (text) => tell({ kind: 'caption', text, isSkipped: false }),
    times: (whole, brief) => {
      isCut ||= brief < whole;
      return brief;
    },
  });
  const whole = isCut ? ' The test goes on longer: here all is cut short.' : '';
  tell({ kind: 'caption', text: `All that must hold has held.${whole}`, isSkipped: false });
}

function worldOf(bench: ReturnType<LabScenario['open']>['bench']): World {
  const hasClients = bench instanceof KvCluster;
  return {
    ...{ simulation: new BenchStage(bench), actions: new Set(actions), serve: () => undefined, hasClients },
    ...(hasClients && { describe: describeCommand }),
  };
}
