/** What tools and dashboards ask of a server besides INFO, CONFIG and COMMAND. */
import { Status } from '../operation.ts';
import type { FrontFacts, LocalCommand } from './command.ts';
import { slowLogCommand } from './slowLogCommand.ts';
import { answerBySubcommand } from './subcommands.ts';
import type { WireReply } from './writer.ts';

const facts = { flags: ['loading', 'stale', 'fast'], keys: [0, 0, 0] } as const;

/** Seconds since the epoch, and the microseconds beyond them. */
function time({ now }: FrontFacts): WireReply {
  const ms = now();
  return [String(Math.floor(ms / 1000)), String(Math.floor((ms % 1000) * 1000))];
}

/** As in INFO: every node takes writes; those that follow are told by the one that leads. */
function role({ status }: FrontFacts): WireReply {
  const { lastLogIndex, members = [], matchIndex } = status();
  const replicas = members.filter(({ id }) => matchIndex[id] !== undefined);
  const described = replicas.map(({ id, host, port }) => [host, String(port), String(matchIndex[id])]);
  return ['master', lastLogIndex, described];
}

export const serverCommands: readonly LocalCommand[] = [
  {
    ...{ ...facts, name: 'time', arity: 1, since: '2.6.0', group: 'server' },
    categories: ['@fast'],
    answer: (_args, _client, front) => time(front),
    summary: 'Returns the time of this node.',
  },
  {
    ...{ ...facts, name: 'role', arity: 1, since: '2.8.12', group: 'server' },
    categories: ['@admin', '@fast', '@dangerous'],
    answer: (_args, _client, front) => role(front),
    summary: 'Returns master: every node takes writes.',
  },
  {
    ...{ ...facts, name: 'lastsave', arity: 1, since: '1.0.0', group: 'server' },
    categories: ['@admin', '@fast', '@dangerous'],
    answer: (_args, _client, { statistics }) => Math.floor(statistics.lastSaveAt / 1000),
    summary: 'Returns when this node last had a new snapshot.',
  },
  {
    ...{ ...facts, name: 'latency', arity: -2, since: '2.8.13', group: 'server' },
    flags: ['admin', 'noscript', 'loading', 'stale'],
    categories: ['@admin', '@slow', '@dangerous'],
    // As in a Redis whose monitor is off, which it is unless somebody turns it on.
    answer: answerBySubcommand('latency', {
      latest: { arity: 2, answer: () => [] },
      history: { arity: 3, answer: () => [] },
      reset: { arity: -2, answer: () => 0 },
      doctor: { arity: 2, answer: () => new Status('No latencies are monitored here: see SLOWLOG GET.') },
    }),
    summary: 'Is there for tools, and has nothing to tell: see SLOWLOG.',
  },
  slowLogCommand,
];
