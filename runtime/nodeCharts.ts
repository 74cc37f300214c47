/** The charts of a node with what the runtime provides for them: made once, and run by every node of the process. */
import type { AnyActor, AnyStateMachine, ContextFrom } from 'xstate';
import { applierMachine, copyOfApplierContext } from '../machines/applier.ts';
import type { NodeId } from '../machines/configuration.ts';
import type { InstallSnapshotRequest } from '../machines/messages.ts';
import { nodeMachine } from '../machines/node.ts';
import type { ReplyToken } from '../machines/ports.ts';
import { copyOfRaftContext } from '../machines/raft.context.ts';
import { raftMachine } from '../machines/raft.ts';
import { copyOfReplicatorContext, type ReplicatorEvent } from '../machines/replicator.context.ts';
import { replicatorMachine } from '../machines/replicator.ts';
import { copyOfStorageContext, storageMachine } from '../machines/storage.ts';
import { planned } from './chart/plannedChart.ts';
import type { Charts } from './raftNode.options.ts';

export interface SocketReader {
  send(event: { readonly type: 'socketsRead' }): void;
}

export interface Replicator {
  send(event: ReplicatorEvent): void;
}

/** What the actors of one node ask of their runtime. */
export interface NodeEffects {
  readSocketsOnce(actor: SocketReader): void;
  holdSnapshot(peer: NodeId, replicator: Replicator): void;
  readChunk(peer: NodeId, offset: number, replicator: Replicator): void;
  releaseSnapshot(peer: NodeId): void;
  releaseSnapshots(): void;
  stageChunk(token: ReplyToken, request: InstallSnapshotRequest): void;
  deliver(first: number, last: number): void;
  deliverSnapshot(index: number): void;
  reportLostEntry(peer: NodeId, index: number): void;
  fail(error: Error): void;
}

type AnyActorSystem = AnyActor['system'];

const effectsOf = new WeakMap<AnyActorSystem, NodeEffects>();
const made = new WeakMap<Charts, ReturnType<typeof makeCharts>>();
const plainCharts: Charts = {};

/** The chart of a whole node. `provideEffects` comes before it starts. */
export function chartsOfNode(charts: Charts = plainCharts): ReturnType<typeof makeCharts> {
  const known = made.get(charts) ?? makeCharts(charts);
  made.set(charts, known);
  return known;
}

export function provideEffects(system: AnyActorSystem, effects: NodeEffects): void {
  effectsOf.set(system, effects);
}

function effects(system: AnyActorSystem): NodeEffects {
  const found = effectsOf.get(system);
  if (!found) throw new Error('The actors of this node have started before their effects were provided.');
  return found;
}

function makeCharts({ raft, replicator, applier, storage, areRunByPlan = true }: Charts) {
  const run = <Machine extends AnyStateMachine>(
    machine: Machine,
    copyContext?: (context: ContextFrom<Machine>) => ContextFrom<Machine>,
  ): Machine => (areRunByPlan ? planned(machine, copyContext) : machine);
  const replicatorChart = (replicator ?? replicatorMachine).provide({
    actions: {
      readSocketsOnce: ({ self, system }) => effects(system).readSocketsOnce(self),
      holdSnapshot: ({ context, self, system }) => effects(system).holdSnapshot(context.peer, self),
      readChunk: ({ context, self, system }) =>
        effects(system).readChunk(context.peer, context.snapshot.offset, self),
      releaseSnapshot: ({ context, system }) => effects(system).releaseSnapshot(context.peer),
      reportLostEntry: ({ context, system }) =>
        effects(system).reportLostEntry(context.peer, context.lostIndex),
    },
  });
  const raftChart = (raft ?? raftMachine).provide({
    actors: { replicator: run(replicatorChart, copyOfReplicatorContext) },
    actions: {
      readSocketsOnce: ({ self, system }) => effects(system).readSocketsOnce(self),
      stageChunk: ({ event, system }) => {
        if (event.type === 'installSnapshot') effects(system).stageChunk(event.token, event.request);
      },
      releaseSnapshots: ({ system }) => effects(system).releaseSnapshots(),
    },
  });
  const applierChart = (applier ?? applierMachine).provide({
    actions: {
      deliverBatch: ({ context, system }) =>
        effects(system).deliver(context.lastApplied + 1, context.applyingTo),
      restoreSnapshot: ({ context, system }) => effects(system).deliverSnapshot(context.applyingTo),
    },
  });
  return nodeMachine.provide({
    actors: {
      storage: run(storage ?? storageMachine, copyOfStorageContext),
      raft: run(raftChart, copyOfRaftContext),
      applier: run(applierChart, copyOfApplierContext),
    },
    actions: {
      reportFailure: ({ event, system }) => {
        if (event.type === 'storageFailed') effects(system).fail(event.error);
      },
    },
  });
}
