/** The test kit: clusters in simulated time. */
export { TimeStandsStill, VirtualClock } from './clock/virtualClock.ts';
export { Cluster, type ClusterOptions, cluster, ScenarioFailure } from './simulation/lab.ts';
export {
  type Conditions,
  conditions,
  longDelays,
  longReordering,
  type Range,
  SimulatedNetwork,
} from './simulation/network.ts';
