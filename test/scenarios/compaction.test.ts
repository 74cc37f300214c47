/** Part 2D of the labs. */
import { compaction } from './labs/compaction.ts';
import { runScenarios } from './scenario.ts';

runScenarios('2D log compaction', compaction);
