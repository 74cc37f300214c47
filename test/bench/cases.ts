/** The parts of the bench, in the order in which they run. */
import type { BenchCase } from './benchCase.ts';
import { get } from './cases/get.ts';
import { oneClient } from './cases/oneClient.ts';
import { pipelined } from './cases/pipelined.ts';
import { profile } from './cases/profile.ts';
import { set } from './cases/set.ts';
import { spread } from './cases/spread.ts';

export const cases: readonly BenchCase[] = [oneClient, set, get, pipelined, spread, profile];
