/** SUBSCRIBE, PUBLISH and what belongs to them. A subscription is of one node; a message goes through the log to all. */
import { matcherOf } from '../keyspaceReads.ts';
import { KvError, OperationCode } from '../operation.ts';
import { keyOf } from '../store/store.ts';
import type { Command, DataCommand, LocalCommand } from './command.ts';
import { error } from './errorReplies.ts';
import { answerBySubcommand, type Subcommand } from './subcommands.ts';
import type { SubscriptionKind } from './subscriptions.ts';
import { Push, Replies, type WireReply } from './writer.ts';

const facts = {
  flags: ['pubsub', 'noscript', 'loading', 'stale', 'no_multi'],
  categories: ['@pubsub', '@slow'],
  keys: [0, 0, 0],
  group: 'pubsub',
  since: '2.0.0',
} as const;

function subscribing(name: string, kind: SubscriptionKind, summary: string): LocalCommand {
  return {
    ...{ ...facts, name, summary, arity: -2, isForSubscribers: true, mayConfine: true },
    answer: (args, { subscriptions }) =>
      new Replies(
        args.map(
          (arg): WireReply =>
            subscriptions.add(kind, keyOf(arg)) ?? new Push([name, arg, subscriptions.size]),
        ),
      ),
  };
}

function unsubscribing(name: string, kind: SubscriptionKind, summary: string): LocalCommand {
  return {
    ...{ ...facts, name, summary, arity: -1, isForSubscribers: true },
    answer: (args, { subscriptions }) => {
      const names = args.length > 0 ? args.map(keyOf) : subscriptions.names(kind);
      if (names.length === 0) return new Push([name, null, subscriptions.size]);
      return new Replies(
        names.map((each) => {
          subscriptions.remove(kind, each);
          return new Push([name, Buffer.from(each, 'latin1'), subscriptions.size]);
        }),
      );
    },
  };
}

const publishCommand: DataCommand = {
  ...{ ...facts, name: 'publish', code: OperationCode.publish, arity: 3 },
  // As in a cluster of Redis, those at this node are counted.
  shape:
    ([channel], { channels }) =>
    (reply) =>
      reply instanceof KvError || !channel ? reply : channels.receiversOf(keyOf(channel)),
  flags: ['pubsub', 'loading', 'stale', 'fast'],
  categories: ['@pubsub', '@fast'],
  summary: 'Sends a message to the subscribers of a channel, at every node.',
};

const subcommands: Readonly<Record<string, Subcommand>> = {
  channels: {
    arity: -2,
    answer: ([pattern, ...others], _client, { channels }) => {
      if (others.length > 0) {
        return error("unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.");
      }
      const matches = pattern ? matcherOf(pattern) : () => true;
      if (matches instanceof KvError) return matches;
      return [...channels.names()].filter(matches).map((name) => Buffer.from(name, 'latin1'));
    },
  },
  numsub: {
    arity: -2,
    answer: (names, _client, { channels }) =>
      names.flatMap((name): WireReply[] => [name, channels.subscribersOf(keyOf(name))]),
  },
  numpat: { arity: 2, answer: (_args, _client, { channels }) => channels.patterns },
};

const pubsubCommand: LocalCommand = {
  ...{ ...facts, name: 'pubsub', arity: -2, since: '2.8.0' },
  answer: answerBySubcommand('pubsub', subcommands),
  flags: ['pubsub', 'loading', 'stale'],
  summary: 'Tells of the channels and patterns that clients of this node are subscribed to.',
};

export const pubsubCommands: readonly Command[] = [
  subscribing('subscribe', 'channel', 'Has the client hear what is said on channels.'),
  unsubscribing(
    'unsubscribe',
    'channel',
    'Ends subscriptions to channels, all of them unless some are named.',
  ),
  subscribing('psubscribe', 'pattern', 'Has the client hear what is said on channels that match patterns.'),
  unsubscribing(
    'punsubscribe',
    'pattern',
    'Ends subscriptions to patterns, all of them unless some are named.',
  ),
  publishCommand,
  pubsubCommand,
];
