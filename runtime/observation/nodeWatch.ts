/** Watches one running node while somebody looks: what it is, what it says, and what is new about it, with the cause. */
import type { Actor, SnapshotFrom, Subscription } from 'xstate';
import type { raftMachine } from '../../machines/raft.ts';
import type { RunningNode } from '../createNode.ts';
import { CallWatch } from './callWatch.ts';
import type { ClusterEvent, NodeFrame } from './clusterFrame.ts';
import type { NodeSight } from './clusterGathering.ts';
import { CommitGauge } from './commitGauge.ts';
import { newsOfNode } from './newsOfNode.ts';
import { NodeObserver, type ObserverOptions } from './nodeObserver.ts';

export class NodeWatch {
  readonly #options: ObserverOptions;
  readonly #observer: NodeObserver;
  readonly #calls: CallWatch;
  readonly #gauge: CommitGauge;
  readonly #subscription: Subscription | undefined;
  #before: NodeFrame;
  #events: ClusterEvent[] = [];

  constructor({ node, links }: Pick<RunningNode, 'node' | 'links'>, options: ObserverOptions) {
    this.#options = options;
    this.#observer = new NodeObserver(node, options);
    this.#calls = new CallWatch(node.status().id, links, options.now);
    this.#gauge = new CommitGauge(node, options.now);
    this.#before = this.#observer.frame();
    // An election is over between two looks: its steps are told as they are made.
    const raft: Actor<typeof raftMachine> | undefined = node.actor.system.get('raft');
    if (!raft) return;
    let told = stanceOf(raft.getSnapshot());
    this.#subscription = raft.subscribe((snapshot) => {
      const stance = stanceOf(snapshot);
      // Behind this event, when all that it led to can be seen.
      if (stance !== told) queueMicrotask(() => this.#noteNews());
      told = stance;
    });
  }

  /** Messages and events are those since it was last called. */
  look(): NodeSight {
    this.#noteNews();
    const events = this.#events;
    this.#events = [];
    return { node: this.#before, messages: this.#calls.take(), events, load: this.#gauge.measure() };
  }

  close(): void {
    this.#subscription?.unsubscribe();
    this.#observer.close();
    this.#calls.close();
    this.#gauge.close();
  }

  #noteNews(): void {
    const now = this.#observer.frame();
    this.#events.push(...newsOfNode(this.#before, now, this.#options.now()));
    this.#before = now;
  }
}

/** What an event of the timeline may be about: role, term and vote. */
function stanceOf({ value, context: { term, votedFor } }: SnapshotFrom<typeof raftMachine>): string {
  return `${Object.keys(value)[0]} ${term} ${votedFor}`;
}
