/** The commands about the connection itself. */
import { KvError, ok, Status } from '../operation.ts';
import { type Client, isConfined, resetClient } from './client.ts';
import { checkName, clientCommand } from './clientCommand.ts';
import type { FrontFacts, LocalCommand } from './command.ts';
import { error, notAnInteger, syntaxError, wrongArity } from './errorReplies.ts';
import { compatibleVersion } from './infoSections.ts';
import { textOf, wordOf } from './text.ts';
import { type ProtocolVersion, ReplyMap, type WireReply } from './writer.ts';

const facts = {
  flags: ['noscript', 'loading', 'stale', 'fast'],
  categories: ['@fast', '@connection'],
  keys: [0, 0, 0],
  group: 'connection',
} as const;

const pong = new Status('PONG');

function ping([message, ...others]: readonly Uint8Array[], client: Client): WireReply {
  if (others.length > 0) return wrongArity('ping');
  return isConfined(client) ? ['pong', message ?? ''] : (message ?? pong);
}

/** No password is configured: as in Redis, the default user may log in with any, and there is no other user. */
function authenticate(user: Uint8Array | undefined): KvError | undefined {
  if (textOf(user) === 'default') return undefined;
  return new KvError('WRONGPASS', 'invalid username-password pair or user is disabled.');
}

function hello(args: readonly Uint8Array[], client: Client, front: FrontFacts): WireReply {
  let protocol: ProtocolVersion = client.protocol;
  if (args.length > 0) {
    const text = textOf(args[0]);
    if (!/^-?\d{1,18}$/.test(text)) return error('Protocol version is not an integer or out of range');
    if (text !== '2' && text !== '3') return new KvError('NOPROTO', 'unsupported protocol version');
    protocol = text === '2' ? 2 : 3;
  }
  let name: string | undefined;
  let user: Uint8Array | undefined;
  for (let at = 1; at < args.length; at += 1) {
    const option = wordOf(args[at]);
    if (option === 'auth' && at + 2 < args.length) {
      user = args[at + 1];
      at += 2;
    } else if (option === 'setname' && at + 1 < args.length) {
      name = textOf(args[at + 1]);
      const refusal = checkName('Client names', name);
      if (refusal !== undefined) return refusal;
      at += 1;
    } else {
      return error(`Syntax error in HELLO option '${textOf(args[at])}'`);
    }
  }
  const refusal = user && authenticate(user);
  if (refusal !== undefined) return refusal;
  if (name !== undefined) client.name = name;
  client.protocol = protocol;
  return new ReplyMap([
    ['server', 'redis'],
    ['version', compatibleVersion],
    ['proto', protocol],
    ['id', client.id],
    ['mode', front.status().members === undefined ? 'standalone' : 'cluster'],
    // Every node takes writes, whatever its role in Raft: no client should take it for a replica.
    ['role', 'master'],
    ['modules', []],
  ]);
}

function auth(args: readonly Uint8Array[]): WireReply {
  if (args.length > 2) return syntaxError();
  if (args.length === 2) return authenticate(args[0]) ?? ok;
  return error(
    'AUTH <password> called without any password configured for the default user. ' +
      'Are you sure your configuration is correct?',
  );
}

function select([index]: readonly Uint8Array[], _client: Client, front: FrontFacts): WireReply {
  const text = textOf(index);
  if (!/^-?\d{1,18}$/.test(text)) return notAnInteger();
  if (Number(text) === 0) return ok;
  const isCluster = front.status().members !== undefined;
  return error(isCluster ? 'SELECT is not allowed in cluster mode' : 'DB index is out of range');
}

export const connectionCommands: readonly LocalCommand[] = [
  {
    ...facts,
    name: 'ping',
    arity: -1,
    answer: ping,
    isForSubscribers: true,
    flags: ['fast'],
    summary: 'Returns PONG, or the message given.',
    since: '1.0.0',
  },
  {
    ...facts,
    name: 'echo',
    arity: 2,
    answer: ([message]) => message ?? null,
    flags: ['loading', 'stale', 'fast'],
    summary: 'Returns the message given.',
    since: '1.0.0',
  },
  {
    ...facts,
    name: 'hello',
    mayConfine: true,
    arity: -1,
    answer: hello,
    flags: [...facts.flags, 'no_auth', 'allow_busy'],
    summary: 'Agrees on the version of the protocol.',
    since: '6.0.0',
  },
  {
    ...facts,
    name: 'auth',
    arity: -2,
    answer: auth,
    flags: [...facts.flags, 'no_auth', 'allow_busy'],
    summary: 'Authenticates the connection.',
    since: '1.0.0',
  },
  {
    ...facts,
    name: 'select',
    arity: 2,
    answer: select,
    flags: ['loading', 'stale', 'fast'],
    summary: 'Chooses a database; there is only 0.',
    since: '1.0.0',
  },
  {
    ...facts,
    name: 'quit',
    isForSubscribers: true,
    endsTransaction: true,
    arity: -1,
    answer: (_args, client) => {
      client.isLeaving = true;
      return ok;
    },
    flags: [...facts.flags, 'no_auth', 'allow_busy'],
    summary: 'Closes the connection.',
    since: '1.0.0',
  },
  {
    ...facts,
    name: 'reset',
    isForSubscribers: true,
    endsTransaction: true,
    arity: 1,
    answer: (_args, client) => {
      resetClient(client);
      return new Status('RESET');
    },
    flags: [...facts.flags, 'no_auth', 'allow_busy'],
    summary: 'Forgets what was agreed on for the connection.',
    since: '6.2.0',
  },
  clientCommand,
];
