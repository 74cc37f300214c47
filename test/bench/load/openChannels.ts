/** The connections of a load, by protocol. */
import type { Channel, ChannelEvents, Requests } from './channel.ts';
import { EtcdChannel } from './etcdChannel.ts';
import type { LoadJob, Target } from './job.ts';
import { RedisChannel } from './redisChannel.ts';

/** More connections than these make etcd slower: each costs it what a shared one saves. */
const etcdConnectionsMax = 8;

export type Shape = Pick<LoadJob, 'protocol' | 'targets' | 'clients' | 'depth'>;

/**
 * All open. Each client of Redis has a connection of its own; those of etcd share some, as its own benchmark has it.
 * @throws Error if a server cannot be reached
 */
export async function openChannels(
  { protocol, targets, clients, depth }: Shape,
  requests: Requests,
  events: ChannelEvents,
): Promise<Channel[]> {
  const channels =
    protocol === 'redis'
      ? dealt(targets, clients).map((target) => new RedisChannel(target, depth, requests, events))
      : shares(clients * depth, Math.max(targets.length, Math.min(clients, etcdConnectionsMax))).map(
          (slots, place) => new EtcdChannel(targetAt(targets, place), slots, requests, events),
        );
  try {
    await Promise.all(channels.map((channel) => channel.open()));
    return channels;
  } catch (error) {
    for (const channel of channels) channel.close();
    throw error;
  }
}

function targetAt(targets: readonly Target[], place: number): Target {
  const target = targets[place % targets.length];
  if (!target) throw new RangeError('A load needs a target.');
  return target;
}

function dealt(targets: readonly Target[], count: number): Target[] {
  return Array.from({ length: count }, (_, place) => targetAt(targets, place));
}

/** As equal as they can be. */
function shares(sum: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, place) => Math.floor((sum + place) / parts)).filter(
    (share) => share > 0,
  );
}
