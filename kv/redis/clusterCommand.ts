/** CLUSTER, and what clients of a cluster send besides: one group of nodes owns all slots, and its leader is the master. */
import { type KvError, ok, Status } from '../operation.ts';
import { describeNode, describeShards, describeSlots, describeState } from './clusterReplies.ts';
import { type ClusterNode, type ClusterView, clusterView } from './clusterView.ts';
import { type FrontFacts, hasArity, type LocalCommand } from './command.ts';
import { error, notAnInteger, unknownSubcommand, wrongArity } from './errorReplies.ts';
import { keySlot, slots } from './keySlot.ts';
import { keysBetweenTurns } from './limits.ts';
import { textOf, wordOf } from './text.ts';
import type { WireReply } from './writer.ts';

const isDisabled = error('This instance has cluster support disabled');

function replicas(view: ClusterView, [id]: readonly Uint8Array[]): WireReply {
  const [master, ...others] = view.nodes;
  const asked = find(view, id);
  if (!('isMaster' in asked)) return asked;
  return asked === master
    ? others.map((node) => describeNode(view, node))
    : error('The specified node is not a master');
}

function find({ nodes }: ClusterView, id: Uint8Array | undefined): ClusterNode | KvError {
  const text = textOf(id);
  return nodes.find(({ nodeId }) => nodeId === text.toLowerCase()) ?? error(`Unknown node ${text}`);
}

/** Undefined if it is no number. */
function integer(bytes: Uint8Array | undefined): number | undefined {
  const text = textOf(bytes);
  return /^(0|-?[1-9]\d{0,17})$/.test(text) ? Number(text) : undefined;
}

/** Looks at all keys, while the node goes on with its work. */
async function keysIn(slot: number, front: FrontFacts, countMax: number): Promise<Buffer[]> {
  const found: Buffer[] = [];
  let looked = 0;
  for (const name of front.keyNames()) {
    if (found.length >= countMax) break;
    const key = Buffer.from(name, 'latin1');
    if (keySlot(key) === slot) found.push(key);
    looked += 1;
    if (looked % keysBetweenTurns === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

function countKeysInSlot(_: ClusterView, [slotText]: readonly Uint8Array[], front: FrontFacts) {
  const slot = integer(slotText);
  if (slot === undefined) return notAnInteger();
  if (slot < 0 || slot >= slots) return error('Invalid slot');
  return keysIn(slot, front, Number.POSITIVE_INFINITY).then(({ length }) => length);
}

function getKeysInSlot(_: ClusterView, [slotText, countText]: readonly Uint8Array[], front: FrontFacts) {
  const slot = integer(slotText);
  const count = integer(countText);
  if (slot === undefined || count === undefined) return notAnInteger();
  if (slot < 0 || slot >= slots || count < 0) return error('Invalid slot or number of keys');
  return keysIn(slot, front, count);
}

interface Subcommand {
  /** As Redis counts: CLUSTER and the subcommand's name are two words. */
  readonly arity: number;
  /** It tells who leads: not before the leader has answered, since one that has just died is still believed in. */
  readonly tellsLeader: boolean;
  readonly answer: (
    view: ClusterView,
    args: readonly Uint8Array[],
    front: FrontFacts,
  ) => WireReply | Promise<WireReply>;
  /** What HELP says: the arguments, and a sentence. */
  readonly help: readonly [args: string, sentence: string];
}

const subcommands = new Map<string, Subcommand>();

function add(
  name: string,
  help: Subcommand['help'],
  answer: Subcommand['answer'],
  tellsLeader = false,
): void {
  const [args] = help;
  const arity = args === '' ? 2 : 2 + args.split(' ').length;
  subcommands.set(name, { arity, tellsLeader, answer, help });
}

function addTelling(name: string, help: Subcommand['help'], answer: Subcommand['answer']): void {
  add(name, help, answer, true);
}

add('countkeysinslot', ['<slot>', 'Return the number of keys in <slot>.'], countKeysInSlot);
add('getkeysinslot', ['<slot> <count>', 'Return <count> names of keys in <slot>.'], getKeysInSlot);
addTelling('info', ['', 'Return information about the cluster.'], describeState);
add('keyslot', ['<key>', 'Return the hash slot for <key>.'], (_, [key]) => (key ? keySlot(key) : null));
add('links', ['', 'Return an empty list: the links are those of Raft.'], () => []);
add('myid', ['', 'Return the node id.'], ({ myself }) => myself.nodeId);
add('myshardid', ['', 'Return the shard id.'], ({ shardId }) => shardId);
addTelling('nodes', ['', 'Return the nodes: the leader is the master, the others its replicas.'], (view) =>
  view.nodes.map((node) => `${describeNode(view, node)}\n`).join(''),
);
addTelling('replicas', ['<node-id>', 'Return the replicas of <node-id>.'], replicas);
addTelling('shards', ['', 'Return the one shard and its nodes.'], describeShards);
addTelling('slaves', ['<node-id>', 'Return the replicas of <node-id>.'], replicas);
addTelling('slots', ['', 'Return the one range of slots and its nodes.'], describeSlots);

function help(): WireReply {
  const lines = [...subcommands].flatMap(([name, { help }]) => {
    const [args, sentence] = help;
    return [`${name.toUpperCase()} ${args}`.trimEnd(), `    ${sentence}`];
  });
  const first = 'CLUSTER <subcommand> [<arg> [value] [opt] ...]. Subcommands are:';
  return [first, ...lines, 'HELP', '    Prints this help.'].map((text) => new Status(text));
}

const facts = {
  flags: ['loading', 'stale'],
  categories: ['@slow'],
  keys: [0, 0, 0],
  since: '3.0.0',
  group: 'cluster',
} as const;

const clusterCommand: LocalCommand = {
  ...facts,
  name: 'cluster',
  arity: -2,
  answer: ([name, ...args], _client, front) => {
    const view = clusterView(front.status(), null);
    if (view === undefined) return isDisabled;
    if (wordOf(name) === 'help') return help();
    const subcommand = subcommands.get(wordOf(name));
    if (subcommand === undefined) return unknownSubcommand('cluster', name);
    if (!hasArity(subcommand, args.length + 2)) return wrongArity(`cluster|${wordOf(name)}`);
    if (!subcommand.tellsLeader) return subcommand.answer(view, args, front);
    return front.confirmLeader().then((leader) => {
      const confirmed = clusterView(front.status(), leader);
      return confirmed ? subcommand.answer(confirmed, args, front) : isDisabled;
    });
  },
  summary: 'Tells which nodes there are, and which of them leads.',
};

/** There is nothing to switch: every node carries out every command, and its reads are linearizable. */
function switchOf(name: string, summary: string): LocalCommand {
  return {
    ...{ ...facts, name, arity: 1, summary, flags: ['loading', 'stale', 'fast'] },
    categories: ['@fast', '@connection'],
    answer: (_args, _client, front) => (front.status().members === undefined ? isDisabled : ok),
  };
}

export const clusterCommands: readonly LocalCommand[] = [
  clusterCommand,
  switchOf('asking', 'Is accepted, and changes nothing: no slot ever moves.'),
  switchOf('readonly', 'Is accepted, and changes nothing: reads are linearizable at every node.'),
  switchOf('readwrite', 'Is accepted, and changes nothing: every node takes writes.'),
];
