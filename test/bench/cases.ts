/** The parts of the bench, in the order in which they run. */
import type { BenchCase } from './benchCase.ts';
import { failover } from './cases/failover.ts';
import { get } from './cases/get.ts';
import { growthClients } from './cases/growthClients.ts';
import { growthEntries } from './cases/growthEntries.ts';
import { growthKeys } from './cases/growthKeys.ts';
import { growthMemory } from './cases/growthMemory.ts';
import { growthNodes } from './cases/growthNodes.ts';
import { growthRestart } from './cases/growthRestart.ts';
import { growthValues } from './cases/growthValues.ts';
import { large } from './cases/large.ts';
import { oneClient } from './cases/oneClient.ts';
import { pipelined } from './cases/pipelined.ts';
import { profile } from './cases/profile.ts';
import { set } from './cases/set.ts';
import { simulator } from './cases/simulator.ts';
import { snapshot } from './cases/snapshot.ts';
import { spread } from './cases/spread.ts';

export const cases: readonly BenchCase[] = [
  oneClient,
  set,
  get,
  pipelined,
  spread,
  large,
  failover,
  snapshot,
  simulator,
  profile,
  growthClients,
  growthValues,
  growthNodes,
  growthEntries,
  growthKeys,
  growthRestart,
  growthMemory,
];
