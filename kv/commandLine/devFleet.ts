/** The nodes that `dev` has started: what each of them is now, as far as it was told. */
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeId } from '../../machines/configuration.ts';
import type { LinkCut } from '../../runtime/observation/clusterFrame.ts';
import { CommandFailed } from './commandFailed.ts';
import { type DevCluster, type DevNode, redisAddressOf } from './devCluster.ts';
import type { DevScreen } from './devScreen.ts';
import type { Member } from './member.ts';
import { askFacts } from './nodeFacts.ts';
import type { NodeAnswer } from './nodeOrders.ts';
import { NodeProcess } from './nodeProcess.ts';
import type { NodeReport } from './nodeReport.ts';
import { askRedis, NoReply } from './redisClient.ts';
import { type NodeSettings, serveArguments, startCommand } from './startCommand.ts';

/** A first command may wait for an election; then the next try is due. */
const tryMs = 3000;

/** Between two tries; between two looks for a node that somebody starts by hand. */
const pauseMs = 100;
const lookMs = 500;

export class DevFleet {
  readonly members: readonly Member[];
  readonly #cluster: DevCluster;
  readonly #screen: DevScreen;
  /** Emits `changed` whenever a member does. */
  readonly #changes = new EventEmitter();
  /** Aborted when the nodes are to stop: their end is no news then. */
  readonly #stopping = new AbortController();
  readonly #arguments: (node: DevNode) => string[];
  /** Somebody looks at the nodes. */
  #isWatched = false;
  /** Hears what the nodes tell while they are watched. */
  onAnswer: (answer: NodeAnswer) => void = () => {};
  /** Called whenever a member changes. */
  onChange: () => void = () => {};
  /** Directions that nothing gets through. */
  #cuts: readonly LinkCut[] = [];
  /** The latest leader that was heard of. */
  #leader: { readonly id: NodeId; readonly term: number } | undefined;

  /** Starts them all. */
  constructor(cluster: DevCluster, data: string, settings: NodeSettings, screen: DevScreen) {
    this.#cluster = cluster;
    this.#screen = screen;
    this.#arguments = (node) => serveArguments(cluster, node, data, settings);
    this.members = cluster.nodes.map((node) => this.#member(node));
  }

  /**
   * Settles once there is a leader and every node that runs answers a linearizable read.
   * @throws CommandFailed if too few nodes are left for that
   */
  async ready(signal: AbortSignal): Promise<void> {
    await Promise.all(this.members.map((member) => this.#answers(member, signal)));
    while (this.#leader === undefined && !signal.aborted) await this.#change();
  }

  /** Settles when no node is there any more. */
  async allGone(): Promise<void> {
    while (!this.#isAtItsEnd()) await this.#change();
  }

  /** Stops them cleanly. Settles when they are gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(
      this.#running().map(async ({ id, process }) => {
        if (!(await process.stop())) this.#screen.complaint(id, 'did not stop in time and was ended');
      }),
    );
  }

  /** Ends them at once. */
  kill(): void {
    for (const { process } of this.#running()) process.kill();
  }

  /** Ends one at once, as kill -9 does; it can be started again. Settles when it is gone. */
  async crash(member: Member): Promise<void> {
    member.isHeld = true;
    member.process.kill();
    while (member.state === 'running') await this.#change();
  }

  /** Starts one that is gone. Settles when its peers can reach it, or it is gone again. */
  async restart(member: Member): Promise<void> {
    Object.assign(member, { state: 'running', role: 'follower', isPaused: false, isHeld: false });
    member.process = this.#spawn(member.node, () => member);
    while (member.state === 'running' && !member.listens) await this.#change();
  }

  pause(member: Member, isPaused: boolean): void {
    member.isPaused = isPaused;
    if (isPaused) member.process.pause();
    else member.process.resume();
    this.#changed();
  }

  get cuts(): readonly LinkCut[] {
    return this.#cuts;
  }

  /** All directions that are cut from now on, also of nodes that are started later. */
  set cuts(cuts: readonly LinkCut[]) {
    const before = this.#cuts;
    this.#cuts = cuts;
    for (const cut of before) if (!has(cuts, cut)) this.#order(cut, false);
    for (const cut of cuts) if (!has(before, cut)) this.#order(cut, true);
  }

  /** The nodes tell of themselves, or no longer. */
  watch(isOn: boolean): void {
    this.#isWatched = isOn;
    for (const { process } of this.#running()) process.order({ type: 'watch', isOn });
  }

  #order({ from, to }: LinkCut, isCut: boolean): void {
    for (const { id, process } of this.#running())
      if (id === from) process.order({ type: 'cut', peer: to, isCut });
  }

  #running(): Member[] {
    return this.members.filter(({ state }) => state === 'running');
  }

  /** How many are up, whoever has started them. */
  #countLeft(): number {
    return this.members.filter(({ state }) => state !== 'gone').length;
  }

  #isAtItsEnd(): boolean {
    return this.members.every(({ state, isHeld }) => state === 'gone' && !isHeld);
  }

  #changed(): void {
    this.#changes.emit('changed');
    this.onChange();
  }

  #change(): Promise<unknown> {
    return once(this.#changes, 'changed');
  }

  #member(node: DevNode): Member {
    const member: Member = {
      ...{ id: node.id, node, process: this.#spawn(node, () => member) },
      ...({ state: 'running', listens: false, role: 'follower', isPaused: false, isHeld: false } as const),
      facts: undefined,
    };
    return member;
  }

  #spawn(node: DevNode, member: () => Member): NodeProcess {
    const args = this.#arguments(node);
    return new NodeProcess({
      args: [...args, '--attached'],
      onReport: (report) => this.#take(member(), report),
      onAnswer: (answer) => this.onAnswer(answer),
      onComplaint: (line) => this.#screen.complaint(node.id, line),
      onEnd: (code, signal) => this.#ended(member(), signal ?? `exit code ${code}`, startCommand(args)),
    });
  }

  #take(member: Member, report: NodeReport): void {
    if (this.#stopping.signal.aborted) return;
    if (report.type === 'ready') {
      member.listens = true;
      member.process.order({ type: 'watch', isOn: this.#isWatched });
      for (const { from, to } of this.#cuts)
        if (from === member.id) member.process.order({ type: 'cut', peer: to, isCut: true });
    }
    if (report.type === 'warning') this.#passOn(member.id, report);
    if (report.type === 'leaderChanged' && report.leader !== null)
      this.#heardLeader(report.leader, report.term);
    if (report.type === 'roleChanged') {
      const { role, term } = report;
      const before = member.role;
      member.role = role;
      if (role === 'leader') this.#heardLeader(member.id, term);
      // That a follower asks whether it should stand, and comes back from that, is no news.
      else if (role === 'candidate' || before === 'leader') this.#screen.roleChanged(member.id, role, term);
    }
    this.#changed();
  }

  /** That one which is known to be down cannot be reached is no news. */
  #passOn(id: NodeId, { message, about }: Extract<NodeReport, { type: 'warning' }>): void {
    const isDown = this.members.some((member) => member.id === about?.peer && !member.listens);
    if (about?.kind !== 'unreachable' || !isDown) this.#screen.warning(id, message);
  }

  /** From itself or from one that follows it, whoever is first: it need not be a child of this process. */
  #heardLeader(id: NodeId, term: number): void {
    if (term <= (this.#leader?.term ?? 0)) return;
    this.#leader = { id, term };
    this.#screen.roleChanged(id, 'leader', term);
  }

  #ended(member: Member, how: string, command: string): void {
    member.state = 'gone';
    member.listens = false;
    this.#changed();
    if (this.#stopping.signal.aborted) return;
    this.#screen.nodeEnded(member.id, how, this.#countLeft(), this.#majority, command);
    void this.#lookOutFor(member);
  }

  get #majority(): number {
    return Math.floor(this.members.length / 2) + 1;
  }

  /** @throws CommandFailed if too few nodes are left for one to lead */
  #requireMajority(): void {
    if (this.#running().length < this.#majority) {
      throw new CommandFailed(
        `Only ${this.#running().length} of ${this.members.length} nodes could be started, which is no majority: see above why, then start again.`,
      );
    }
  }

  async #answers(member: Member, signal: AbortSignal): Promise<void> {
    while (member.state === 'running' && !signal.aborted) {
      try {
        await askRedis(redisAddressOf(member.node), ['EXISTS', 'ready'], tryMs);
        return;
      } catch (error) {
        if (!(error instanceof NoReply)) throw error;
      }
      this.#requireMajority();
      await delay(pauseMs);
    }
    if (!signal.aborted) this.#requireMajority();
  }

  /** Until this process stops, or starts the node again: somebody may start it by hand, and end it again. */
  async #lookOutFor(member: Member): Promise<void> {
    const { signal } = this.#stopping;
    const { process } = member;
    const isOver = (): boolean => signal.aborted || member.process !== process;
    while (!isOver()) {
      const facts = await askFacts(redisAddressOf(member.node));
      const isUp = facts?.id === member.id && facts.clusterId === this.#cluster.clusterId;
      if (isOver()) return;
      member.facts = isUp ? facts : undefined;
      if (isUp !== (member.state === 'byHand')) {
        member.state = isUp ? 'byHand' : 'gone';
        member.listens = isUp;
        this.#screen.nodeSeen(member.id, isUp);
        this.#changed();
      }
      await delay(lookMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
  }
}

function has(cuts: readonly LinkCut[], { from, to }: LinkCut): boolean {
  return cuts.some((cut) => cut.from === from && cut.to === to);
}
