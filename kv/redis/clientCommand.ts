/** CLIENT: what the clients call themselves, and which there are. */
import { type KvError, ok } from '../operation.ts';
import { type Client, describeClient } from './client.ts';
import type { FrontFacts, LocalCommand } from './command.ts';
import { error, syntaxError } from './errorReplies.ts';
import { answerBySubcommand, type Subcommand } from './subcommands.ts';
import { textOf, wordOf } from './text.ts';
import type { WireReply } from './writer.ts';

/** The fields of CLIENT LIST are separated by blanks: no value may hold one. */
export function checkName(subject: string, value: string): KvError | undefined {
  if (/^[!-~]*$/.test(value)) return undefined;
  return error(`${subject} cannot contain spaces, newlines or special characters.`);
}

function setName([name]: readonly Uint8Array[], client: Client): WireReply {
  const text = textOf(name);
  const refusal = checkName('Client names', text);
  if (refusal === undefined) client.name = text;
  return refusal ?? ok;
}

function setInfo([attribute, value]: readonly Uint8Array[], client: Client): WireReply {
  const text = textOf(value);
  const name = wordOf(attribute);
  if (name !== 'lib-name' && name !== 'lib-ver') {
    return error(`Unrecognized option '${textOf(attribute)}'`);
  }
  const refusal = checkName(name, text);
  if (refusal !== undefined) return refusal;
  if (name === 'lib-name') client.libraryName = text;
  else client.libraryVersion = text;
  return ok;
}

function list(args: readonly Uint8Array[], _client: Client, front: FrontFacts): WireReply {
  let isListed = (_client: Client): boolean => true;
  if (args.length > 0) {
    const [option, ...values] = args;
    const ids = new Set(values.map((value) => Number(textOf(value))));
    const isType = wordOf(option) === 'type' && values.length === 1;
    if (isType) {
      const type = wordOf(values[0]);
      isListed = ({ subscriptions }) => type === (subscriptions.size > 0 ? 'pubsub' : 'normal');
    } else if (wordOf(option) === 'id' && values.length > 0) {
      isListed = (client) => ids.has(client.id);
    } else {
      return syntaxError();
    }
  }
  let lines = '';
  for (const client of front.clients()) {
    if (isListed(client)) lines += `${describeClient(client, front.now())}\n`;
  }
  return lines;
}

/** A switch that has nothing to switch here. */
function onOrOff([value]: readonly Uint8Array[]): WireReply {
  const word = wordOf(value);
  return word === 'on' || word === 'off' ? ok : syntaxError();
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  id: { arity: 2, answer: (_args, client) => client.id },
  getname: { arity: 2, answer: (_args, client) => (client.name === '' ? null : client.name) },
  setname: { arity: 3, answer: setName },
  setinfo: { arity: 4, answer: setInfo },
  info: { arity: 2, answer: (_args, client, front) => `${describeClient(client, front.now())}\n` },
  list: { arity: -2, answer: list },
  'no-evict': { arity: 3, answer: onOrOff },
  'no-touch': { arity: 3, answer: onOrOff },
  // A client that turned replies off would wait for none: better to refuse that than to send some.
  reply: { arity: 3, answer: ([mode]) => (wordOf(mode) === 'on' ? ok : syntaxError()) },
};

export const clientCommand: LocalCommand = {
  name: 'client',
  arity: -2,
  answer: answerBySubcommand('client', subcommands),
  flags: ['noscript', 'loading', 'stale'],
  categories: ['@slow', '@connection'],
  keys: [0, 0, 0],
  summary: 'Names the connection and lists the connections.',
  since: '2.4.0',
  group: 'connection',
};
