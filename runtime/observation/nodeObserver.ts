/**
 * Looks at one life of a node, real or simulated, from outside: reads the snapshots of its actors, and hears their
 * transitions while somebody looks. Inspection has its price, so close it when nobody does.
 */
import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import type { RaftContext } from '../../machines/raft.context.ts';
import type { ReplicatorContext } from '../../machines/replicator.context.ts';
import type { Role } from '../events.ts';
import type { RaftNode } from '../raftNode.ts';
import type {
  ActorFrame,
  ElectionTimer,
  EntryFrame,
  LogFrame,
  NodeFrame,
  PeerFrame,
} from './clusterFrame.ts';
import { type DescribeCommand, entryFrame } from './entryText.ts';
import { TransitionWatch } from './transitionWatch.ts';

/** Entries at the end of a log that are shown. */
const tailEntries = 24;

export interface ObserverOptions {
  /** The cluster's clock, ms; the node's own may show another time. */
  readonly now: () => number;
  readonly describe?: DescribeCommand;
}

export class NodeObserver {
  readonly #node: RaftNode;
  readonly #options: ObserverOptions;
  readonly #watch: TransitionWatch;
  /** Snapshots and numbers that the last frame was made from: while they stay, so does the frame. */
  #seen: readonly unknown[] = [];
  #frame: NodeFrame | undefined;

  constructor(node: RaftNode, options: ObserverOptions) {
    this.#node = node;
    this.#options = options;
    this.#watch = new TransitionWatch(node.actor, options.now);
  }

  /** The same object as before, as long as nothing has changed. */
  frame(): NodeFrame {
    const actors = this.#actors();
    const { log } = this.#node;
    const snapshots = actors.map((actor) => actor.getSnapshot());
    const seen = [...snapshots, log.lastIndex, log.lastTerm, log.commitIndex, log.snapshotIndex];
    if (!this.#frame || seen.length !== this.#seen.length || seen.some((one, i) => one !== this.#seen[i])) {
      this.#seen = seen;
      this.#frame = this.#look(actors);
    }
    return this.#frame;
  }

  close(): void {
    this.#watch.close();
  }

  #look(actors: readonly AnyActorRef[]): NodeFrame {
    const status = this.#node.status();
    const raft = this.#node.actor.system.get('raft')?.getSnapshot() as AnyMachineSnapshot | undefined;
    const context = raft?.context as RaftContext | undefined; // the actor of that name is raft
    const role = status.role === 'stopped' ? 'follower' : status.role;
    const own = context?.clock.now() ?? 0;
    /** From the node's own clock to the cluster's. */
    const inCluster = (time: number) => this.#options.now() + time - own;
    const heardAt = context?.leaderHeardAt ?? Number.NEGATIVE_INFINITY;
    return {
      id: status.id,
      state: status.role === 'stopped' ? 'failed' : 'up',
      ...{ role, term: status.term, leader: status.leader },
      votedFor: context?.votedFor ?? null,
      election: context && status.role !== 'stopped' ? electionTimer(role, context, inCluster) : null,
      leaderHeardAt: role !== 'leader' && Number.isFinite(heardAt) ? inCluster(heardAt) : null,
      leadershipTransfer: context?.leadershipTransfer ?? false,
      votes: role === 'follower' ? [] : (context?.votes ?? []),
      log: this.#log(status.lastApplied, context?.durableIndex ?? 0),
      peers: actors.flatMap(peerFrame),
      actors: actors.map((actor) => this.#actor(actor)),
    };
  }

  /** The statecharts of the node, in the order of the tree, without its root. */
  #actors(): AnyActorRef[] {
    const found: AnyActorRef[] = [];
    const visit = (actor: AnyActorRef): void => {
      const snapshot = actor.getSnapshot() as Partial<AnyMachineSnapshot> | undefined; // of an actor of any kind
      if (snapshot?.machine === undefined) return;
      if (actor !== this.#node.actor) found.push(actor);
      for (const child of Object.values<AnyActorRef>(snapshot.children ?? {})) visit(child);
    };
    visit(this.#node.actor);
    return found;
  }

  #actor(actor: AnyActorRef): ActorFrame {
    const snapshot = actor.getSnapshot() as AnyMachineSnapshot; // #actors gives statecharts
    const innermost = snapshot._nodes.filter(({ states }) => Object.keys(states).length === 0);
    return {
      ...{ id: actor.id, chart: snapshot.machine.id },
      active: innermost.map(({ id }) => id),
      last: this.#watch.last(actor),
    };
  }

  #log(appliedIndex: number, durableIndex: number): LogFrame {
    const { log } = this.#node;
    const tail: EntryFrame[] = [];
    for (
      let index = Math.max(log.firstIndex, log.lastIndex - tailEntries + 1);
      index <= log.lastIndex;
      index += 1
    ) {
      const entry = log.entryAt(index);
      if (entry) tail.push(entryFrame(entry, this.#options.describe));
    }
    const { lastIndex, commitIndex, snapshotIndex } = log;
    return { tail, lastIndex, commitIndex, appliedIndex, snapshotIndex, durableIndex };
  }
}

/** A leader waits for nobody; a pre-candidate asks again and again. */
function electionTimer(
  role: Role,
  { electionDeadline, options }: RaftContext,
  inCluster: (time: number) => number,
): ElectionTimer | null {
  if (role !== 'follower' && role !== 'candidate') return null;
  return { deadline: inCluster(electionDeadline), spanMs: options.electionTimeoutMaxMs };
}

function peerFrame(actor: AnyActorRef): PeerFrame[] {
  const { machine, context, value } = actor.getSnapshot() as AnyMachineSnapshot; // #actors gives statecharts
  if (machine.id !== 'replicator') return [];
  const { peer, nextIndex, matchIndex, inFlight } = context as ReplicatorContext; // that machine's
  // The chart's top states are what it does for the peer.
  const state = (typeof value === 'string' ? value : Object.keys(value)[0]) as PeerFrame['state'];
  return [{ peer, state, nextIndex, matchIndex, inFlight: inFlight.length }];
}
