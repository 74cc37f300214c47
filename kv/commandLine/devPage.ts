/** The page of the cluster that `dev` runs: frames from what its nodes tell, each when it can. */
import type { NodeId } from '../../machines/configuration.ts';
import type { ActionOutcome, ClusterAction } from '../../runtime/observation/clusterAction.ts';
import type { ClusterFrame } from '../../runtime/observation/clusterFrame.ts';
import { ClusterGathering } from '../../runtime/observation/clusterGathering.ts';
import { factsFrame } from '../page/factsFrame.ts';
import type { FrameSource } from '../page/frameFeed.ts';
import { sharedNow } from '../page/sharedNow.ts';
import { DevActions } from './devActions.ts';
import type { DevFleet } from './devFleet.ts';
import type { NodeAnswer } from './nodeOrders.ts';

/** A frame waits for every node at first, but for none that hangs, ms. */
const patienceMs = 500;

export class DevPage implements FrameSource {
  readonly #fleet: DevFleet;
  readonly #gathering: ClusterGathering;
  readonly #actions: DevActions;
  /** Nodes that have told of themselves since somebody looks. */
  readonly #heard = new Set<NodeId>();
  #openedAt = 0;

  constructor(fleet: DevFleet) {
    this.#fleet = fleet;
    this.#gathering = new ClusterGathering(
      fleet.members.map(({ id }) => id),
      sharedNow,
    );
    this.#actions = new DevActions(fleet, (type, text) =>
      this.#gathering.tell({ time: sharedNow(), type, text, node: null, term: null }),
    );
    fleet.onAnswer = (answer) => this.#take(answer);
    fleet.onChange = () => this.#noteStates();
  }

  open(): void {
    this.#heard.clear();
    this.#openedAt = sharedNow();
    this.#fleet.watch(true);
  }

  close(): void {
    this.#fleet.watch(false);
  }

  frame(): ClusterFrame | undefined {
    const { members, cuts } = this.#fleet;
    const isWaiting = members.some(
      ({ id, state, isPaused }) => state === 'running' && !isPaused && !this.#heard.has(id),
    );
    if (isWaiting && sharedNow() < this.#openedAt + patienceMs) return undefined;
    for (const { facts } of members) {
      if (facts) this.#gathering.take({ node: factsFrame(facts), messages: [], events: [], load: null });
    }
    this.#gathering.cuts = cuts;
    return this.#gathering.frame();
  }

  /** What cannot be done is an outcome, too. */
  act(action: ClusterAction): Promise<ActionOutcome> {
    return this.#actions.act(action);
  }

  #take(answer: NodeAnswer): void {
    if (answer.type === 'news') {
      this.#gathering.tell(answer.event);
      return;
    }
    if (answer.type === 'transferred') {
      this.#actions.transferred(answer);
      return;
    }
    const { sight } = answer;
    const member = this.#fleet.members.find(({ id }) => id === sight.node.id);
    // What it said just before it was stopped, or ended, comes too late.
    if (member?.state !== 'running' || member.isPaused) return;
    this.#heard.add(member.id);
    this.#gathering.take(sight);
  }

  /** As they come and go, also while nobody looks. */
  #noteStates(): void {
    for (const { id, state, isPaused, listens } of this.#fleet.members) {
      if (state === 'gone') this.#gathering.note(id, 'down');
      else if (isPaused) this.#gathering.note(id, 'paused');
      else if (listens) this.#gathering.note(id, 'up');
    }
  }
}
