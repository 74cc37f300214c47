/** CONFIG GET: the few settings of Redis that tools ask for, with what is true of this service. */

import { matchesGlob } from '../glob.ts';
import { type FrontFacts, hasArity, type LocalCommand, unknownSubcommand, wrongArity } from './command.ts';
import { wordOf } from './text.ts';
import { ReplyMap } from './writer.ts';

function settings({ port, limits, status }: FrontFacts): readonly (readonly [string, string])[] {
  const { unsentBytesMax, unsentBytesSoft, unsentMsMax } = limits;
  const outputLimit = `normal ${unsentBytesMax} ${unsentBytesSoft} ${Math.ceil(unsentMsMax / 1000)}`;
  return [
    ['appendfsync', 'always'],
    ['appendonly', 'yes'],
    ['client-output-buffer-limit', outputLimit],
    ['cluster-enabled', status().members === undefined ? 'no' : 'yes'],
    ['databases', '1'],
    ['maxclients', String(limits.connectionsMax)],
    ['maxmemory', '0'],
    ['maxmemory-policy', 'noeviction'],
    ['port', String(port)],
    ['proto-max-bulk-len', String(limits.bulkBytesMax)],
    ['requirepass', ''],
    ['save', ''],
    ['timeout', String(Math.ceil(limits.idleMsMax / 1000))],
  ];
}

export const configCommand: LocalCommand = {
  name: 'config',
  arity: -2,
  answer: ([subcommand, ...args], _client, front) => {
    if (wordOf(subcommand) !== 'get') return unknownSubcommand('config', subcommand);
    if (!hasArity({ arity: -3 }, args.length + 2)) return wrongArity('config|get');
    const patterns = args.map(wordOf);
    return new ReplyMap(settings(front).filter(([name]) => patterns.some((glob) => matchesGlob(glob, name))));
  },
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['@admin', '@slow', '@dangerous'],
  keys: [0, 0, 0],
  summary: 'Tells the settings whose names match.',
  since: '2.0.0',
  group: 'server',
};
