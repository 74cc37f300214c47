/** DBSIZE: how many keys there are. */
import type { LocalCommand } from './command.ts';

export const dbsizeCommand: LocalCommand = {
  name: 'dbsize',
  arity: 1,
  // Of what this node has applied, as in INFO: a figure for people and monitoring, which may lag behind the leader's.
  answer: (_args, _client, front) => front.status().keys,
  flags: ['readonly', 'fast'],
  categories: ['@keyspace', '@read', '@fast'],
  keys: [0, 0, 0],
  summary: 'Returns the number of keys that the node has.',
  since: '1.0.0',
  group: 'server',
};
