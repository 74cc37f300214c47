/** All settings, by the command that they are for. */
import { InvalidArgumentError } from 'commander';
import { eventCharacters, eventFlagsFrom } from '../redis/eventFlags.ts';
import { integerReader, readAddresses, readListenAddress, readName, readPeers } from './arguments.ts';
import { readSwitch, type Setting } from './setting.ts';

/** More nodes on one machine show nothing new, and their ports would meet. */
const nodesMax = 9;

/** The files that a process may have open, on a machine that is set up for it. */
const clientsMax = 1_000_000;

const daySeconds = 86_400;

/** What is written to the log after a snapshot is read again at a restart. */
const snapshotLogMiBMax = 65_536;
/** An entry of the log holds no more. */
const valueMiBMax = 16;

function readFolder(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Give the path of a folder.');
}

/** 0: no page. */
function readPagePort(text: string): number {
  if (/^off$/i.test(text)) return 0;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('Give a port from 1 to 65535, or off.');
}

function readLogFormat(text: string): string {
  if (text === 'text' || text === 'json') return text;
  throw new InvalidArgumentError('Allowed choices are text, json.');
}

function readEvents(text: string): string {
  if (eventFlagsFrom(text)) return text;
  throw new InvalidArgumentError(`Give some of the characters ${eventCharacters}, such as KEA.`);
}

/** Alike for every node of a cluster. */
const nodeSettings: readonly Setting[] = [
  {
    name: 'lease-reads',
    environment: 'XSTATE_RAFT_LEASE_READS',
    description:
      'answer most reads without a round to the other nodes, trusting that while one clock goes on by 1 s any other goes on by 0.9 to 1.1 s; for all nodes or none',
    form: 'switch',
    read: readSwitch,
    fallback: 'off',
  },
  {
    name: 'max-clients',
    argument: '<number>',
    environment: 'XSTATE_RAFT_MAX_CLIENTS',
    description: 'clients connected to a node at once; one more is turned away',
    form: 'number',
    read: integerReader(1, clientsMax),
    fallback: '10000',
  },
  {
    name: 'client-timeout',
    argument: '<seconds>',
    environment: 'XSTATE_RAFT_CLIENT_TIMEOUT',
    description: 'hang up on a client that is silent for so long; 0: never',
    form: 'number',
    read: integerReader(0, daySeconds),
    fallback: '0',
  },
  {
    name: 'max-value',
    argument: '<MiB>',
    environment: 'XSTATE_RAFT_MAX_VALUE',
    description: 'the longest key or value that a client may send',
    form: 'number',
    read: integerReader(1, valueMiBMax),
    fallback: String(valueMiBMax),
  },
  {
    name: 'snapshot-log',
    argument: '<MiB>',
    environment: 'XSTATE_RAFT_SNAPSHOT_LOG',
    description: 'take a snapshot when the entries in the log exceed this',
    form: 'number',
    read: integerReader(1, snapshotLogMiBMax),
    fallback: '64',
  },
  {
    name: 'notify-keyspace-events',
    argument: '<flags>',
    environment: 'XSTATE_RAFT_NOTIFY_KEYSPACE_EVENTS',
    description:
      "which changes of keys subscribers are told of, as in Redis' setting of the name: KEA for all; unless given, none",
    form: 'text',
    read: readEvents,
  },
];

export const serveSettings: readonly Setting[] = [
  {
    name: 'id',
    argument: '<name>',
    environment: 'XSTATE_RAFT_ID',
    description: 'this node, as it is called in --peers',
    form: 'text',
    read: readName,
    isRequired: true,
  },
  {
    name: 'peers',
    argument: '<list>',
    environment: 'XSTATE_RAFT_PEERS',
    description: 'all nodes of the cluster: n1=HOST:PORT,n2=HOST:PORT,...',
    form: 'map',
    read: readPeers,
    isRequired: true,
  },
  {
    name: 'redis',
    argument: '<host:port>',
    environment: 'XSTATE_RAFT_REDIS',
    description: 'where Redis clients are served',
    form: 'text',
    read: readListenAddress,
    isRequired: true,
  },
  {
    name: 'data',
    argument: '<dir>',
    environment: 'XSTATE_RAFT_DATA',
    description: "the data folder, this node's alone",
    form: 'text',
    read: readFolder,
    isRequired: true,
  },
  {
    name: 'redis-peers',
    argument: '<list>',
    environment: 'XSTATE_RAFT_REDIS_PEERS',
    description:
      'where clients reach each node, for clients of a Redis cluster: n1=HOST:PORT,...; without it, CLUSTER is disabled',
    form: 'map',
    read: readPeers,
  },
  {
    name: 'listen',
    argument: '<host:port>',
    environment: 'XSTATE_RAFT_LISTEN',
    description: 'where it listens for its peers; unless given, its own entry in --peers',
    form: 'text',
    read: readListenAddress,
  },
  {
    name: 'cluster',
    argument: '<name>',
    environment: 'XSTATE_RAFT_CLUSTER',
    description: 'nodes of different clusters refuse each other',
    form: 'text',
    read: readName,
    fallback: 'default',
  },
  ...nodeSettings,
  {
    name: 'page',
    argument: '<host:port>',
    environment: 'XSTATE_RAFT_PAGE',
    description:
      'where to serve a page that shows this node as it is now, to browsers on this machine; unless given, nowhere',
    form: 'text',
    read: readListenAddress,
  },
  {
    name: 'log',
    argument: '<format>',
    environment: 'XSTATE_RAFT_LOG',
    description:
      'lines for people (text) or for machines (json); unless given, text on a terminal, else json',
    form: 'text',
    read: readLogFormat,
  },
];

export const devSettings: readonly Setting[] = [
  {
    name: 'nodes',
    argument: '<number>',
    environment: 'XSTATE_RAFT_DEV_NODES',
    description: 'how many nodes a new cluster gets; unless given, 3',
    form: 'number',
    read: integerReader(1, nodesMax),
  },
  {
    name: 'data',
    argument: '<dir>',
    environment: 'XSTATE_RAFT_DEV_DATA',
    description: 'where the cluster keeps its data',
    form: 'text',
    read: readFolder,
    fallback: 'data',
  },
  {
    name: 'port',
    argument: '<base>',
    environment: 'XSTATE_RAFT_DEV_PORT',
    description:
      'Redis ports from here on, peer ports 100 above; unless given, those it had, or from 7001 on',
    form: 'number',
    read: integerReader(1, 65_535 - 100 - nodesMax),
  },
  {
    name: 'page',
    argument: '<port>',
    environment: 'XSTATE_RAFT_DEV_PAGE',
    description:
      'the port of the page that shows the cluster as it is now, or off; unless given, 200 above the first Redis port, or any that is free',
    form: 'number',
    read: readPagePort,
  },
  ...nodeSettings,
];

/** Of the commands that talk to nodes which run. */
export const clientSettings: readonly Setting[] = [
  {
    name: 'data',
    argument: '<dir>',
    environment: 'XSTATE_RAFT_DEV_DATA',
    description: 'the data folder of a cluster that dev runs',
    form: 'text',
    read: readFolder,
    fallback: 'data',
    conflicts: 'nodes',
  },
  {
    name: 'nodes',
    argument: '<list>',
    environment: 'XSTATE_RAFT_NODES',
    description: 'the Redis addresses of the nodes, instead: HOST:PORT,HOST:PORT,...',
    form: 'list',
    read: readAddresses,
  },
];
