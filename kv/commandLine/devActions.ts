/** What the page may do to the cluster that `dev` runs. */
import type { NodeId } from '../../machines/configuration.ts';
import type {
  ActionOutcome,
  ClusterAction,
  ClusterActionType,
} from '../../runtime/observation/clusterAction.ts';
import type { ClusterEventType, LinkCut } from '../../runtime/observation/clusterFrame.ts';
import type { PeerAddress } from '../../runtime/transport/address.ts';
import { actOnKeys } from '../page/keyActions.ts';
import { askNodes } from './askNodes.ts';
import { CommandFailed } from './commandFailed.ts';
import { redisAddressOf } from './devCluster.ts';
import type { DevFleet } from './devFleet.ts';
import type { Member } from './member.ts';
import { messageOf } from './messageOf.ts';
import type { NodeAnswer } from './nodeOrders.ts';

export const devActions: readonly ClusterActionType[] = [
  ...(['crash', 'restart', 'pause', 'resume', 'cut', 'mend', 'partition', 'heal'] as const),
  ...(['transfer', 'put', 'get', 'keys'] as const),
];

/** An election with a leader that hands over takes less, ms. */
const transferMsMax = 5000;

export class DevActions {
  readonly #fleet: DevFleet;
  readonly #tell: (type: ClusterEventType, text: string) => void;
  /** Transfers of leadership that are under way, by number. */
  readonly #transfers = new Map<number, (error: string | undefined) => void>();
  #transferCount = 0;

  /** @param tell writes something into the timeline */
  constructor(fleet: DevFleet, tell: (type: ClusterEventType, text: string) => void) {
    this.#fleet = fleet;
    this.#tell = tell;
  }

  /** Does something to the cluster; what cannot be done is an outcome, too. */
  async act(action: ClusterAction): Promise<ActionOutcome> {
    try {
      return await this.#carryOut(action);
    } catch (error) {
      return { isDone: false, text: messageOf(error) };
    }
  }

  async #carryOut(action: ClusterAction): Promise<ActionOutcome> {
    const fleet = this.#fleet;
    switch (action.type) {
      case 'crash': {
        const member = this.#own(action.node, 'running');
        const { pid } = member.process;
        await fleet.crash(member);
        return done(`${member.id} was ended with kill -9 ${pid}.`);
      }
      case 'restart': {
        const member = this.#own(action.node, 'gone');
        await fleet.restart(member);
        if (member.state === 'gone')
          throw new CommandFailed(`${member.id} has ended again: see the terminal.`);
        return done(`${member.id} runs again, as process ${member.process.pid}.`);
      }
      case 'pause': {
        const member = this.#own(action.node, 'running');
        fleet.pause(member, true);
        const { process } = member;
        if (action.ms === undefined) return done(`${member.id} stands still, until it is resumed.`);
        setTimeout(() => {
          if (member.process === process && member.isPaused) fleet.pause(member, false);
        }, action.ms);
        return done(`${member.id} stands still for ${action.ms} ms.`);
      }
      case 'resume': {
        const member = this.#own(action.node, 'running');
        if (!member.isPaused) throw new CommandFailed(`${member.id} does not stand still.`);
        fleet.pause(member, false);
        return done(`${member.id} goes on.`);
      }
      case 'cut':
      case 'mend': {
        const { from, to, type } = action;
        const others = fleet.cuts.filter((cut) => cut.from !== from || cut.to !== to);
        return this.#cutLinks(
          type === 'cut' ? [...others, this.#link(from, to)] : others,
          type === 'cut' ? `Nothing gets from ${from} to ${to}.` : `What ${from} says gets to ${to} again.`,
        );
      }
      case 'partition':
        return this.#partition(action.groups);
      case 'heal':
        return this.#cutLinks([], 'All links are whole.');
      case 'transfer':
        return this.#transfer(action.to);
      default: {
        const outcome = await actOnKeys(
          (command, isHarmless) => askNodes(this.#addresses(), command, isHarmless),
          action,
        );
        if (action.type === 'put') this.#tell('command', `Somebody writes "${action.key}".`);
        return outcome;
      }
    }
  }

  /** A node has answered that it was to hand leadership over. */
  transferred({ number, error }: Extract<NodeAnswer, { type: 'transferred' }>): void {
    this.#transfers.get(number)?.(error);
    this.#transfers.delete(number);
  }

  #cutLinks(cuts: readonly LinkCut[], text: string): ActionOutcome {
    for (const { from } of cuts) this.#own(from);
    this.#fleet.cuts = cuts;
    this.#tell('network', text);
    return done(text);
  }

  #partition(groups: readonly (readonly NodeId[])[]): ActionOutcome {
    const { members } = this.#fleet;
    for (const id of groups.flat()) this.#member(id);
    const groupOf = (id: NodeId): number => groups.findIndex((group) => group.includes(id));
    const cuts = members.flatMap(({ id: from }) =>
      members.flatMap(({ id: to }) => (groupOf(from) === groupOf(to) ? [] : [{ from, to }])),
    );
    const names = groups.map((group) => group.join(', ')).join(' and ');
    return this.#cutLinks(cuts, `The network is in parts: ${names}.`);
  }

  /** The leader is asked; others refuse. */
  async #transfer(to: NodeId): Promise<ActionOutcome> {
    this.#member(to);
    const leader = this.#fleet.members.find(({ role, state }) => role === 'leader' && state === 'running');
    if (!leader) throw new CommandFailed('No node that runs here leads: wait for an election.');
    this.#transferCount += 1;
    const number = this.#transferCount;
    const error = await new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => {
        this.#transfers.delete(number);
        resolve(`${leader.id} has not handed over within ${transferMsMax} ms.`);
      }, transferMsMax);
      this.#transfers.set(number, (reason) => {
        clearTimeout(timer);
        resolve(reason);
      });
      leader.process.order({ type: 'transfer', to, number });
    });
    if (error !== undefined) throw new CommandFailed(error);
    return done(`${leader.id} has handed over to ${to}.`);
  }

  #link(from: NodeId, to: NodeId): LinkCut {
    this.#member(to);
    if (from === to) throw new CommandFailed(`${from} has no link to itself: name two nodes.`);
    return { from, to };
  }

  /** Where a client does best to ask: the leader first, nobody who stands still. */
  #addresses(): PeerAddress[] {
    const able = this.#fleet.members.filter(({ state, isPaused }) => state !== 'gone' && !isPaused);
    if (able.length === 0) throw new CommandFailed('No node is able to answer: restart or resume one.');
    return able
      .sort((a, b) => Number(b.role === 'leader') - Number(a.role === 'leader'))
      .map(({ node }) => redisAddressOf(node));
  }

  #member(id: NodeId): Member {
    const { members } = this.#fleet;
    const member = members.find((one) => one.id === id);
    if (member) return member;
    const names = members.map((one) => one.id).join(', ');
    throw new CommandFailed(`There is no node ${id}: name one of ${names}.`);
  }

  /** One that this process has started, and may deal with. */
  #own(id: NodeId, expected?: 'running' | 'gone'): Member {
    const member = this.#member(id);
    if (member.state === 'byHand')
      throw new CommandFailed(`${id} was started by hand: it is ended and started there.`);
    if (expected && member.state !== expected)
      throw new CommandFailed(`${id} ${expected === 'gone' ? 'runs already' : 'is down: restart it first'}.`);
    return member;
  }
}

function done(text: string): ActionOutcome {
  return { isDone: true, text };
}
