/** Part 3B of the labs. */
import { kvWithSnapshots } from './labs/kvWithSnapshots.ts';
import { runScenarios } from './scenario.ts';

runScenarios('3B key/value with snapshots', kvWithSnapshots);
