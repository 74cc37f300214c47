/** Part 2A of the labs. */
import { elections } from './labs/elections.ts';
import { runScenarios } from './scenario.ts';

runScenarios('2A elections', elections);
