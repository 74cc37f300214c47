/** Puts together what the nodes of a real cluster tell of themselves, each when it can, into frames of the whole. */
import type { NodeId } from '../../machines/configuration.ts';
import type {
  ClientLoad,
  ClusterEvent,
  ClusterFrame,
  LinkCut,
  LoadFrame,
  MessageFrame,
  NodeFrame,
} from './clusterFrame.ts';
import { newsOfNode } from './newsOfNode.ts';

/** What one node tells. */
export interface NodeSight {
  readonly node: NodeFrame;
  /** Those of its calls that were made, or answered, since it was last asked. */
  readonly messages: readonly MessageFrame[];
  readonly events: readonly ClusterEvent[];
  /** Null: it does not lead. */
  readonly load: LoadFrame | null;
  readonly clients?: ClientLoad;
}

/** Events that wait to be told. */
const eventsMax = 500;

interface Known {
  readonly frame: NodeFrame;
  readonly load: LoadFrame | null;
  readonly clients?: ClientLoad | undefined;
}

export class ClusterGathering {
  readonly #ids: readonly NodeId[];
  readonly #now: () => number;
  readonly #known = new Map<NodeId, Known>();
  #messages: MessageFrame[] = [];
  #events: ClusterEvent[] = [];
  #cuts: readonly LinkCut[] = [];

  /** @param now ms, of a clock that all nodes share */
  constructor(ids: readonly NodeId[], now: () => number) {
    this.#ids = ids;
    this.#now = now;
  }

  /** A node has told of itself. */
  take({ node, messages, events, load, clients }: NodeSight): void {
    const before = this.#known.get(node.id);
    if (before && before.frame.state !== node.state)
      this.#push(...newsOfNode(before.frame, node, this.#now()));
    this.#known.set(node.id, { frame: node, load, clients });
    this.#messages.push(...messages);
    this.#push(...events);
  }

  /** What is known of a node that cannot tell; what it told last stays. */
  note(id: NodeId, state: NodeFrame['state']): void {
    const before = this.#known.get(id)?.frame;
    if (before?.state === state) return;
    const frame = { ...(before ?? unseen(id)), state };
    const silent = state === 'down' || state === 'failed' ? { ...frame, ...silence } : frame;
    if (before) this.#push(...newsOfNode(before, silent, this.#now()));
    this.#known.set(id, { frame: silent, load: null });
  }

  /** Directions that nothing gets through. */
  set cuts(cuts: readonly LinkCut[]) {
    this.#cuts = cuts;
  }

  /** Something for the timeline. */
  tell(event: ClusterEvent): void {
    this.#push(event);
  }

  /** With what has come in since the frame before. */
  frame(): ClusterFrame {
    const nodes = this.#ids.map((id) => this.#known.get(id)?.frame ?? unseen(id));
    const [messages, events] = [this.#messages, this.#events];
    this.#messages = [];
    this.#events = [];
    events.sort((a, b) => a.time - b.time);
    return { time: this.#now(), nodes, messages, events, cuts: this.#cuts, load: this.#load() };
  }

  #push(...events: readonly ClusterEvent[]): void {
    this.#events.push(...events);
    // Nobody may ask for a frame for days.
    if (this.#events.length > eventsMax) this.#events.splice(0, this.#events.length - eventsMax);
  }

  /** What the leader of the latest term commits, and what the clients of all nodes do. */
  #load(): LoadFrame | null {
    const up = [...this.#known.values()].filter(({ frame }) => frame.state === 'up');
    const [leader] = up.filter(({ load }) => load).sort((a, b) => b.frame.term - a.frame.term);
    const told = up.flatMap(({ clients }) => clients ?? []);
    if (told.length === 0) return leader?.load ?? null;
    const commands = sum(told, ({ commandsPerSecond }) => commandsPerSecond);
    const ms = sum(told, ({ commandsPerSecond, commandMsMean }) => commandsPerSecond * (commandMsMean ?? 0));
    return {
      ...(leader?.load ?? noCommits),
      clients: {
        connected: sum(told, ({ connected }) => connected),
        commandsPerSecond: commands,
        commandMsMean: commands > 0 ? ms / commands : null,
      },
    };
  }
}

/** What a node that is down is, and does. */
const silence = {
  role: 'follower',
  ...{ leader: null, election: null, leaderHeardAt: null, leadershipTransfer: false },
  ...{ votes: [], peers: [], actors: [] },
} as const;

const noCommits: LoadFrame = { commitsPerSecond: 0, commitMsMedian: null, commitMsP99: null };

function sum(told: readonly ClientLoad[], of: (load: ClientLoad) => number): number {
  return told.reduce((total, load) => total + of(load), 0);
}

/** A node that has told nothing yet. */
function unseen(id: NodeId): NodeFrame {
  const log = { tail: [], lastIndex: 0, commitIndex: 0, appliedIndex: 0, snapshotIndex: 0, durableIndex: 0 };
  return { id, state: 'down', term: 0, votedFor: null, log, ...silence };
}
