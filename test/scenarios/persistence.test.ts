/** Part 2C of the labs. */
import { persistence } from './labs/persistence.ts';
import { runScenarios } from './scenario.ts';

runScenarios('2C persistence', persistence);
