/** Part 2B of the labs. */
import { agreement } from './labs/agreement.ts';
import { runScenarios } from './scenario.ts';

runScenarios('2B log', agreement);
