/** CONFIG: the few settings of Redis that tools ask for, with what is true of this node; one of them can be set. */

import { matchesGlob } from '../glob.ts';
import { type KvError, ok } from '../operation.ts';
import type { FrontFacts, LocalCommand } from './command.ts';
import { error, syntaxError } from './errorReplies.ts';
import { eventCharacters, eventFlagsFrom } from './eventFlags.ts';
import { echoedBytesMax, slowLogLength, slowMicroseconds } from './limits.ts';
import { answerBySubcommand } from './subcommands.ts';
import { textOf, wordOf } from './text.ts';
import { ReplyMap, type WireReply } from './writer.ts';

const keyspaceEvents = 'notify-keyspace-events';

function settings({ port, limits, status, channels }: FrontFacts): readonly (readonly [string, string])[] {
  const { unsentBytesMax, unsentBytesSoft, unsentMsMax } = limits;
  const ofNormal = `normal ${unsentBytesMax} ${unsentBytesSoft} ${Math.ceil(unsentMsMax / 1000)}`;
  return [
    ['appendfsync', 'always'],
    ['appendonly', 'yes'],
    ['client-output-buffer-limit', `${ofNormal} pubsub ${unsentBytesSoft} 0 0`],
    ['cluster-enabled', status().members === undefined ? 'no' : 'yes'],
    ['databases', '1'],
    ['maxclients', String(limits.connectionsMax)],
    ['maxmemory', '0'],
    ['maxmemory-policy', 'noeviction'],
    ['latency-monitor-threshold', '0'],
    [keyspaceEvents, channels.flags.text],
    ['port', String(port)],
    ['proto-max-bulk-len', String(limits.bulkBytesMax)],
    ['requirepass', ''],
    ['save', ''],
    ['slowlog-log-slower-than', String(slowMicroseconds)],
    ['slowlog-max-len', String(slowLogLength)],
    ['timeout', String(Math.ceil(limits.idleMsMax / 1000))],
  ];
}

function get(args: readonly Uint8Array[], front: FrontFacts): WireReply {
  const patterns = args.map(wordOf);
  return new ReplyMap(settings(front).filter(([name]) => patterns.some((glob) => matchesGlob(glob, name))));
}

/** All that is asked for is set, or nothing. */
function set(args: readonly Uint8Array[], front: FrontFacts): WireReply {
  if (args.length % 2 !== 0) return syntaxError();
  const names = args.filter((_, at) => at % 2 === 0).map(wordOf);
  const known = settings(front).map(([name]) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const shown = unknown.slice(0, echoedBytesMax);
    return error(`Unknown option or number of arguments for CONFIG SET - '${shown}'`);
  }
  const fixed = names.find((name) => name !== keyspaceEvents);
  if (fixed !== undefined) return failed(fixed, "can't set immutable config");
  if (names.length > 1) return failed(keyspaceEvents, 'duplicate parameter');
  const flags = eventFlagsFrom(textOf(args[1]));
  if (!flags) return failed(keyspaceEvents, `Invalid event class character. Use '${eventCharacters}'.`);
  front.channels.flags = flags;
  return ok;
}

function failed(name: string, why: string): KvError {
  return error(`CONFIG SET failed (possibly related to argument '${name}') - ${why}`);
}

export const configCommand: LocalCommand = {
  name: 'config',
  arity: -2,
  answer: answerBySubcommand('config', {
    get: { arity: -3, answer: (args, _client, front) => get(args, front) },
    resetstat: {
      arity: 2,
      answer: (_args, _client, { statistics }) => {
        statistics.reset();
        return ok;
      },
    },
    set: { arity: -4, answer: (args, _client, front) => set(args, front) },
  }),
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['@admin', '@slow', '@dangerous'],
  keys: [0, 0, 0],
  summary:
    'Tells the settings whose names match, sets which changes of keys this node tells of, or begins figures anew.',
  since: '2.0.0',
  group: 'server',
};
