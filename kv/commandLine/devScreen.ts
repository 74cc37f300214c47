/** What `dev` shows of its cluster: a few lines when it is ready, then one for each thing that happens. */
import type { NodeId } from '../../machines/configuration.ts';
import type { DevCluster } from './devCluster.ts';
import type { Member } from './member.ts';
import { nameOfRole } from './nodeReport.ts';
import { commandName, versionOfPackage } from './packageFacts.ts';
import { makePaint, type Paint, timeOfDay } from './paint.ts';

export class DevScreen {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;
  /** What happens before the cluster is ready is part of its start, and told in one. */
  #isReady = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#paint = makePaint(stream);
  }

  begin({ clusterId, nodes }: DevCluster, data: string, isKnown: boolean): void {
    const { bold } = this.#paint;
    const what = `cluster ${bold(clusterId)} of ${countOf(nodes.length)}`;
    this.#write(`${bold(commandName)} ${versionOfPackage()}`);
    this.#write(isKnown ? `Found ${what} in ${data}, starting it ...` : `Making ${what} in ${data} ...`);
  }

  stillStarting(): void {
    this.#event(this.#paint.warning('still waiting for a leader'));
  }

  /** @param page where the page is, if there is one */
  ready(members: readonly Member[], ms: number, page: string | undefined): void {
    this.#isReady = true;
    const { bold, good, bad } = this.#paint;
    this.#write('');
    for (const { id, node, process, role, state } of members) {
      const isUp = state === 'running';
      const facts = isUp
        ? `process ${process.pid}  ${role === 'leader' ? good(role) : nameOfRole(role)}`
        : bad('down');
      this.#write(`  ${bold(id)}  Redis port ${node.redisPort}  ${facts}`);
    }
    this.#write('');
    const [first, second = first] = members.filter(({ state }) => state === 'running');
    this.#write(
      `${good('Ready')} after ${(ms / 1000).toFixed(1)} s. Every node takes writes and reads; try:`,
    );
    this.#write(`  redis-cli -p ${first?.node.redisPort} set hello world`);
    this.#write(`  redis-cli -p ${second?.node.redisPort} get hello`);
    if (page !== undefined) this.#write(`Watch it work, and break it: ${bold(page)}`);
    this.#write('Ctrl-C stops the cluster and keeps its data.');
    this.#write('');
  }

  roleChanged(id: NodeId, role: string, term: number): void {
    const { good, dim } = this.#paint;
    const line = `${id} became ${nameOfRole(role)} in term ${term}`;
    if (this.#isReady) this.#event(role === 'leader' ? good(line) : dim(line));
  }

  nodeEnded(id: NodeId, how: string, left: number, majority: number, command: string): void {
    const { bad } = this.#paint;
    const others =
      left >= majority
        ? `the other ${countOf(left)} go on`
        : `${countOf(left)} left, fewer than the ${majority} that can decide: reads and writes wait`;
    this.#event(`${bad(`${id} ended (${how})`)}; ${others}. Start it again:`);
    this.#write(`          ${command}`);
  }

  nodeSeen(id: NodeId, isUp: boolean): void {
    this.#event(isUp ? `${id} is back, started by hand` : this.#paint.bad(`${id} is gone again`));
  }

  warning(id: NodeId, message: string): void {
    this.#event(this.#paint.warning(`${id} warns: ${message}`));
  }

  /** A line that a node wrote as it failed. */
  complaint(id: NodeId, line: string): void {
    const said = line.startsWith(`${commandName}: `) ? line.slice(commandName.length + 2) : line;
    this.#event(this.#paint.bad(`${id}: ${said}`));
  }

  stopping(): void {
    // Behind the ^C that the terminal shows.
    if (this.#stream.isTTY) this.#write('');
    this.#event('stopping ...');
  }

  stopped(data: string, members: readonly Member[]): void {
    for (const { id, state } of members) {
      if (state === 'byHand') this.#event(`${id} goes on: it was started by hand`);
    }
    this.#event(`stopped; the data is in ${data}`);
  }

  #event(line: string): void {
    this.#write(`${this.#paint.dim(timeOfDay())}  ${line}`);
  }

  #write(line: string): void {
    this.#stream.write(`${line}\n`);
  }
}

function countOf(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}
