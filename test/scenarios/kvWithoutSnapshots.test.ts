/** Part 3A of the labs. */
import { kvWithoutSnapshots } from './labs/kvWithoutSnapshots.ts';
import { runScenarios } from './scenario.ts';

runScenarios('3A key/value without snapshots', kvWithoutSnapshots);
