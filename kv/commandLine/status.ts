/** `xstate-raft status`: a table of the nodes, from what each says of itself. */
import { formatAddress, type PeerAddress } from '../../runtime/transport/address.ts';
import { askFacts, type NodeFacts } from './nodeFacts.ts';
import { nameOfRole } from './nodeReport.ts';
import { type NodesOptions, nodesToAsk } from './nodesToAsk.ts';
import { makePaint, type Paint } from './paint.ts';
import { formatTable } from './table.ts';

interface Asked {
  /** As far as it is known. */
  readonly id: string;
  readonly address: PeerAddress;
  readonly facts: NodeFacts | undefined;
}

const columns = ['node', 'redis', 'role', 'term', 'commit', 'applied', 'last log', 'log bytes', 'lag'];

/**
 * Settles with the exit code: 0 if there is a leader.
 * @throws CommandFailed
 */
export async function status(options: NodesOptions): Promise<number> {
  const asked = await Promise.all(
    (await nodesToAsk(options)).map(async ({ id, address, clusterId }): Promise<Asked> => {
      const answer = await askFacts(address);
      // Another cluster may have taken the ports of one that is down.
      const facts = clusterId === undefined || answer?.clusterId === clusterId ? answer : undefined;
      return { id: facts?.id ?? id, address, facts };
    }),
  );
  const paint = makePaint(process.stdout);
  const leader = leaderAmong(asked);
  const rows = asked.map((node) => rowOf(node, leader, paint));
  process.stdout.write(
    formatTable(
      columns.map((name) => paint.dim(name)),
      rows,
    ),
  );
  if (leader) return 0;
  process.stdout.write(`\n${paint.bad('No leader.')} ${whyNoLeader(asked)}\n`);
  return 1;
}

/** One that was cut off may not have noticed yet; the leader of the latest term is the one. */
function leaderAmong(asked: readonly Asked[]): NodeFacts | undefined {
  const leaders = asked.flatMap(({ facts }) => (facts?.role === 'leader' ? [facts] : []));
  return leaders.sort((a, b) => b.term - a.term)[0];
}

function rowOf({ id, address, facts }: Asked, leader: NodeFacts | undefined, paint: Paint): string[] {
  const head = [paint.bold(id), formatAddress(address)];
  if (!facts) return [...head, paint.bad('down'), '-', '-', '-', '-', '-', '-'];
  const { role, term, commitIndex, lastApplied, lastLogIndex, logBytes } = facts;
  const lag = leader ? Math.max(0, leader.commitIndex - commitIndex) : '-';
  const name = nameOfRole(role);
  return [
    ...[...head, facts === leader ? paint.good(name) : name],
    ...[term, commitIndex, lastApplied, lastLogIndex, logBytes, lag].map(String),
  ];
}

function whyNoLeader(asked: readonly Asked[]): string {
  const up = asked.filter(({ facts }) => facts !== undefined).length;
  const majority = Math.floor(asked.length / 2) + 1;
  if (up >= majority) return 'An election may be under way: ask again in a second.';
  return `${up} of ${asked.length} nodes are up, and it takes ${majority} to elect one: start the others.`;
}
