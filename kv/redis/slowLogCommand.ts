/** SLOWLOG: the commands that took long at this node. */
import { integerFrom } from '../integers.ts';
import { ok } from '../operation.ts';
import type { FrontFacts, LocalCommand } from './command.ts';
import { error } from './errorReplies.ts';
import { answerBySubcommand } from './subcommands.ts';
import type { WireReply } from './writer.ts';

/** Unless the client says how many. */
const usualCount = 10;

function get([text]: readonly Uint8Array[], { statistics: { slowLog } }: FrontFacts): WireReply {
  const count = text === undefined ? BigInt(usualCount) : integerFrom(text);
  if (count === undefined || count < -1n) return error('count should be greater than or equal to -1');
  return slowLog.last(count === -1n ? slowLog.length : Number(count));
}

export const slowLogCommand: LocalCommand = {
  name: 'slowlog',
  arity: -2,
  answer: answerBySubcommand('slowlog', {
    get: { arity: -2, answer: (args, _client, front) => get(args, front) },
    len: { arity: 2, answer: (_args, _client, { statistics }) => statistics.slowLog.length },
    reset: {
      arity: 2,
      answer: (_args, _client, { statistics }) => {
        statistics.slowLog.clear();
        return ok;
      },
    },
  }),
  flags: ['admin', 'loading', 'stale'],
  categories: ['@admin', '@slow', '@dangerous'],
  keys: [0, 0, 0],
  summary: 'Tells which commands took long at this node, with their wait for a majority.',
  since: '2.2.12',
  group: 'server',
};
