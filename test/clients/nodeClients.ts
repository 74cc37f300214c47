/** The common client libraries, set so that a command is sent once at most (docs/redis.md, At most once). */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { createClient, createCluster } from 'redis';
import type { ClientKind, ScriptClient } from './clientKind.ts';
import type { Answer, Command } from './commandModel.ts';

const host = '127.0.0.1';
const connectTimeoutMs = 1000;

const onceInIoredis = {
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: connectTimeoutMs,
} satisfies RedisOptions;

/** What a client library emits is what fails its commands, or its `connect`, too. */
const ignore = (): void => {};

/** Both classes of ioredis, as far as the script uses them. */
function scriptOfIoredis(client: Redis | Cluster): ScriptClient {
  return {
    async run(commands) {
      const [first, ...others] = commands;
      if (first === undefined) return [];
      // The script's commands reply with these.
      if (others.length === 0) return [(await client.call(...first)) as Answer];
      const results = await client
        .multi(commands.map(([name, ...args]) => [name.toLowerCase(), ...args]))
        .exec();
      if (results === null) throw new Error('EXEC was refused');
      return results.map(([error, reply]) => {
        if (error) throw error;
        return reply as Answer;
      });
    },
    close: () => client.disconnect(),
  };
}

/** Settles as `connecting` does; a client that fails, or is given up, is closed. */
async function connected(
  connecting: Promise<unknown>,
  close: () => void,
  signal: AbortSignal,
): Promise<void> {
  signal.addEventListener('abort', close);
  try {
    await connecting;
    signal.throwIfAborted();
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

export const ioredisKind: ClientKind = {
  name: 'ioredis',
  hasTransactions: true,
  async connect(port, signal) {
    const client = new Redis({
      ...{ ...onceInIoredis, host, port, lazyConnect: true },
      ...{ enableOfflineQueue: false, retryStrategy: () => null },
    });
    client.on('error', ignore);
    await connected(client.connect(), () => client.disconnect(), signal);
    return scriptOfIoredis(client);
  },
};

/** It sends reads to any node, writes to the leader. */
export const ioredisClusterKind: ClientKind = {
  name: 'ioredis Cluster',
  hasTransactions: true,
  async connect(port, signal) {
    const client = new Cluster([{ host, port }], {
      ...{ lazyConnect: true, scaleReads: 'all', redisOptions: onceInIoredis },
      ...{ retryDelayOnFailover: 0, clusterRetryStrategy: () => null },
    });
    client.on('error', ignore);
    await connected(client.connect(), () => client.disconnect(), signal);
    return scriptOfIoredis(client);
  },
};

const socket = { connectTimeout: connectTimeoutMs, reconnectStrategy: false } as const;

export const nodeRedisKind: ClientKind = {
  name: 'node-redis',
  hasTransactions: true,
  async connect(port, signal) {
    const client = createClient({ url: `redis://${host}:${port}`, socket, disableOfflineQueue: true });
    client.on('error', ignore);
    const close = (): void => {
      if (client.isOpen) client.destroy();
    };
    await connected(client.connect(), close, signal);
    return {
      async run(commands) {
        const [first, ...others] = commands;
        if (first === undefined) return [];
        if (others.length === 0) return [await client.sendCommand<Answer>([...first])];
        const transaction = client.multi();
        for (const command of commands) transaction.addCommand([...command]);
        return (await transaction.exec()) as unknown as Answer[]; // as they came: no transformation was asked for
      },
      close,
    };
  },
};

export const nodeRedisClusterKind: ClientKind = {
  name: 'node-redis cluster',
  hasTransactions: true,
  async connect(port, signal) {
    const client = createCluster({
      rootNodes: [{ url: `redis://${host}:${port}` }],
      defaults: { socket, disableOfflineQueue: true },
    });
    client.on('error', ignore);
    const close = (): void => {
      if (client.isOpen) client.destroy();
    };
    await connected(client.connect(), close, signal);
    const keyOf = ([, key]: Command) => key;
    return {
      async run(commands) {
        const [first, ...others] = commands;
        if (first === undefined) return [];
        if (others.length === 0) return [await client.sendCommand<Answer>(keyOf(first), false, [...first])];
        const transaction = client.multi();
        for (const command of commands) transaction.addCommand(keyOf(command), false, [...command]);
        return (await transaction.exec()) as unknown as Answer[]; // as they came: no transformation was asked for
      },
      close,
    };
  },
};

/** They need nothing but Node. */
export const nodeClientKinds: readonly ClientKind[] = [
  ioredisKind,
  ioredisClusterKind,
  nodeRedisKind,
  nodeRedisClusterKind,
];
