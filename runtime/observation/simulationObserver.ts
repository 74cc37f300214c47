/** Looks at a whole simulation, as often as after each of its events. */
import type { NodeId } from '../../machines/configuration.ts';
import { decode } from '../codec.ts';
import type { RaftNode } from '../raftNode.ts';
import type { FlightImage } from '../simulation/network.ts';
import type { Spectacle } from '../simulation/stage.ts';
import type { ClusterEvent, ClusterFrame, MessageFrame, NodeFrame } from './clusterFrame.ts';
import { type DescribeCommand, entryFrame } from './entryText.ts';
import { LoadMeter } from './loadMeter.ts';
import { messageFrame } from './messageFrame.ts';
import { newsOfNode } from './newsOfNode.ts';
import { NodeObserver } from './nodeObserver.ts';
import { entriesOf } from './speech.ts';

interface Life {
  readonly node: RaftNode;
  readonly observer: NodeObserver;
}

export class SimulationObserver {
  readonly #simulation: Spectacle;
  readonly #describe: DescribeCommand | undefined;
  readonly #lives = new Map<NodeId, Life>();
  readonly #nodes = new Map<NodeId, NodeFrame>();
  /** By flight: what it says is worked out once. */
  #messages = new Map<number, MessageFrame>();
  readonly #load = new LoadMeter();
  #told: ClusterEvent[] = [];

  constructor(simulation: Spectacle, describe?: DescribeCommand) {
    this.#simulation = simulation;
    this.#describe = describe;
  }

  /** Something that the next frame tells of besides what is seen. */
  tell(event: ClusterEvent): void {
    this.#told.push(event);
  }

  frame(): ClusterFrame {
    const { ids, network, clock } = this.#simulation;
    const time = clock.now();
    const events = this.#told;
    this.#told = [];
    const nodes = ids.map((id) => {
      const before = this.#nodes.get(id);
      const now = this.#look(id, before);
      if (before) events.push(...newsOfNode(before, now, time));
      this.#nodes.set(id, now);
      return now;
    });
    return {
      ...{ time, nodes, messages: this.#lookAtMessages(), events },
      cuts: network.cuts.map(([from, to]) => ({ from, to })),
      load: this.#load.measure(time, nodes),
    };
  }

  #look(id: NodeId, before: NodeFrame | undefined): NodeFrame {
    const node = this.#simulation.running(id);
    let life = this.#lives.get(id);
    if (life && life.node !== node) {
      life.observer.close();
      this.#lives.delete(id);
      life = undefined;
    }
    if (!node) return before?.state === 'down' ? before : this.#down(id, before);
    if (!life) {
      const options = {
        now: () => this.#simulation.clock.now(),
        ...(this.#describe && { describe: this.#describe }),
      };
      life = { node, observer: new NodeObserver(node, options) };
      this.#lives.set(id, life);
    }
    const frame = life.observer.frame();
    if (this.#simulation.pausedUntil(id) === undefined) return frame;
    return before?.state === 'paused' && before.log === frame.log ? before : { ...frame, state: 'paused' };
  }

  /** What its disk holds. */
  #down(id: NodeId, before: NodeFrame | undefined): NodeFrame {
    const { term, votedFor, snapshot, entries } = this.#simulation.disk(id).recovered;
    const tail = entries.flatMap(entriesOf).map((entry) => entryFrame(entry, this.#describe));
    const lastIndex = tail.at(-1)?.index ?? snapshot.index;
    const { commitIndex = 0, appliedIndex = 0 } = before?.log ?? {};
    return {
      ...{ id, state: 'down', role: 'follower', term, votedFor, leader: null, election: null },
      ...{ leaderHeardAt: null, leadershipTransfer: false, votes: [], peers: [], actors: [] },
      log: {
        ...{ tail: tail.slice(-24), lastIndex, snapshotIndex: snapshot.index, durableIndex: lastIndex },
        commitIndex: Math.min(commitIndex, lastIndex),
        appliedIndex: Math.min(appliedIndex, lastIndex),
      },
    };
  }

  #lookAtMessages(): MessageFrame[] {
    const known = this.#messages;
    this.#messages = new Map();
    for (const flight of this.#simulation.network.flights) {
      if (flight.kind === 'loss') continue;
      const message = known.get(flight.id) ?? this.#message(flight);
      this.#messages.set(
        flight.id,
        message.arrivesAt === flight.time ? message : { ...message, arrivesAt: flight.time },
      );
    }
    return [...this.#messages.values()];
  }

  #message({ id, from, to, bytes, sentAt, time }: FlightImage): MessageFrame {
    const way = { id: String(id), from, to, sentAt, arrivesAt: time };
    return messageFrame(
      way,
      decode(bytes),
      this.#simulation.ids.includes(to) ? this.#simulation.status(to) : undefined,
    );
  }
}
