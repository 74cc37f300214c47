/** The test kit: clusters in simulated time. */
export { SeededRandom } from '../machines/random.ts';
export {
  type CapturableNode,
  type CapturableNodeOptions,
  type CapturableStorage,
  captureNode,
  makeCapturableNode,
  type NodeImage,
  restoreNode,
} from './capture.ts';
export { ActorClock, type ScheduledEventImage } from './clock/actorClock.ts';
export { TimeStandsStill, VirtualClock } from './clock/virtualClock.ts';
export { MalformedMessage, type Message } from './codec.ts';
export { NotCapturable } from './image/plainCopy.ts';
export {
  type ChaiForPlugin,
  type ChaiUtilsForPlugin,
  chaiLinearizable,
  type LinearizableOptions,
} from './linearizability/chaiLinearizable.ts';
export {
  type CheckOptions,
  checkLinearizability,
  type Verdict,
} from './linearizability/checkLinearizability.ts';
export type { Failure } from './linearizability/failure.ts';
export { type History, type HistoryOperation, InvalidHistory } from './linearizability/history.ts';
export {
  type KeyValueInput,
  type KeyValueModel,
  type KeyValueModelOptions,
  type KeyValueOutput,
  keyValueModel,
  makeKeyValueModel,
} from './linearizability/keyValue.ts';
export type { Hints, Model } from './linearizability/model.ts';
export {
  makeRegisterModel,
  type RegisterInput,
  type RegisterModel,
  type RegisterOutput,
  type RegisterValue,
  registerModel,
} from './linearizability/register.ts';
export { writeTimeline } from './linearizability/timelineFile.ts';
export { timelineHtml } from './linearizability/timelineHtml.ts';
export { ScenarioFailure } from './simulation/bench.ts';
export type { SnapshotPolicy } from './simulation/digestService.ts';
export {
  describeFault,
  type Fault,
  inflict,
  play,
  type ScheduledFault,
  type Whom,
} from './simulation/faults.ts';
export { Cluster, type ClusterOptions, cluster, type Figures } from './simulation/lab.ts';
export {
  type Conditions,
  conditions,
  longDelays,
  longReordering,
  type Range,
  SimulatedNetwork,
} from './simulation/network.ts';
export { play as playScript, ScriptError } from './simulation/script/script.ts';
export { ScriptTrace } from './simulation/script/scriptTrace.ts';
export {
  type DiskConditions,
  reliableDisk,
  SimulatedDisk,
  SimulatedDiskFailure,
} from './simulation/simulatedDisk.ts';
export type { Parts } from './simulation/simulatedNode.ts';
export {
  type LogView,
  Simulation,
  type SimulationImage,
  type SimulationOptions,
  simulate,
} from './simulation/simulation.ts';
export { Trace, type TraceRecord } from './simulation/trace.ts';
export type { WorkloadOptions } from './simulation/workload.ts';
export { MemoryPersister } from './storage/persister.ts';
