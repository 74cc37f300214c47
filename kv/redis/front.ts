/** The Redis protocol in front of the key/value service: a TCP server that redis-cli and every Redis client can use. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { InvalidArgument } from '../../runtime/errors.ts';
import { formatAddress } from '../../runtime/transport/address.ts';
import { listenError } from '../../runtime/transport/listenErrors.ts';
import { Warnings } from '../../runtime/transport/warnings.ts';
import type { FrontBackend } from './backend.ts';
import { Channels } from './channels.ts';
import type { Client } from './client.ts';
import type { FrontFacts } from './command.ts';
import { Connection } from './connection.ts';
import { eventCharacters, eventFlagsFrom } from './eventFlags.ts';
import { FrontLoad } from './frontLoad.ts';
import { defaultLimits, type FrontLimits, warningEveryMs } from './limits.ts';
import type { ClientWarningKind, OnClientWarning } from './log.ts';
import { sharingReads } from './sharedReads.ts';
import { FrontStatistics } from './statistics.ts';

export interface RedisFrontOptions {
  /** The address to listen on, such as 127.0.0.1, or 0.0.0.0 for all. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly backend: FrontBackend;
  /** `notify-keyspace-events` at first, as Redis writes it; unless given, empty: off. */
  readonly keyspaceEvents?: string;
  /** Those not given are the defaults. */
  readonly limits?: Partial<FrontLimits>;
  /** Gets one line for each thing that an operator should know of. */
  readonly onWarning?: OnClientWarning;
}

export interface RedisFront {
  /** The port that it listens on. */
  readonly port: number;
  /** Clients connected now. */
  connections(): number;
  /** The commands that it has carried out, all together, and how long they took. */
  commandTotal(): { readonly calls: number; readonly microseconds: number };
  /** Takes no more clients, hangs up on those there are, and settles once they are gone. */
  close(): Promise<void>;
}

/** Redis' own default: a silent client's connection is probed after five minutes. */
const keepAliveMs = 300_000;

/**
 * Listens for Redis clients and has their commands carried out by `backend`.
 * @throws PortInUse, CannotListen, InvalidArgument - as rejections
 */
export async function startRedisFront(options: RedisFrontOptions): Promise<RedisFront> {
  const { backend, onWarning = () => {}, keyspaceEvents = '' } = options;
  const flags = eventFlagsFrom(keyspaceEvents);
  if (!flags) {
    throw new InvalidArgument(
      `keyspaceEvents is "${keyspaceEvents}": give some of the characters ${eventCharacters}.`,
    );
  }
  const warnings = new Warnings<ClientWarningKind>(onWarning, warningEveryMs, () => performance.now());
  const load = new FrontLoad();
  const channels = new Channels((audience) => backend.listen(audience), flags);
  const limits = { ...defaultLimits, ...options.limits };
  const connections = new Set<Connection>();
  const startedAt = Date.now();
  const statistics = new FrontStatistics(startedAt, backend.status().snapshotIndex);
  let port = options.port;
  let clientId = 0;

  const facts: FrontFacts = {
    get port() {
      return port;
    },
    ...{ limits, statistics, load, channels, startedAt },
    now: Date.now,
    status: () => backend.status(),
    confirmLeader: () => backend.confirmLeader(),
    keyNames: () => backend.keyNames(),
    *clients() {
      for (const { client } of connections) yield client;
    },
  };

  const accept = (accepted: Socket): void => {
    if (connections.size >= limits.connectionsMax) {
      statistics.turnedAway += 1;
      const { remoteAddress = '?', remotePort = 0 } = accepted;
      const remote = formatAddress({ host: remoteAddress, port: remotePort });
      turnAway(accepted);
      // For all of them together: where one has no place, others have none.
      const message = `Redis client ${remote} turned away: there are ${limits.connectionsMax}, which is the most; raise the limit (--max-clients).`;
      warnings.warn('clientsTurnedAway', '', message, remote);
      return;
    }
    clientId += 1;
    statistics.connections += 1;
    const socket = sharingReads(accepted);
    const connection: Connection = new Connection(
      socket,
      clientOf(socket, clientId),
      { backend, facts, warnings },
      () => connections.delete(connection),
    );
    connections.add(connection);
    socket.resume();
  };

  // Half open: a client that sends its commands, closes its side and then reads is answered all the same.
  const server = createServer(
    {
      ...{ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs },
      pauseOnConnect: true,
    },
    accept,
  );
  port = await listen(server, options.host, options.port);
  // A failed accept (no file descriptors left, say) concerns one client; the server goes on.
  server.on('error', ({ message }) =>
    warnings.warn('clientNotAccepted', '', `A Redis client could not be accepted: ${message}.`, '?'),
  );
  const sampling = setInterval(
    () => statistics.sample(Date.now(), backend.status().snapshotIndex),
    1000,
  ).unref();

  return {
    port,
    connections: () => connections.size,
    commandTotal: () => statistics.ofCommands.total(),
    close: () =>
      new Promise((resolve) => {
        clearInterval(sampling);
        server.close(() => resolve());
        for (const connection of connections) connection.close();
      }),
  };
}

function turnAway(socket: Socket): void {
  // Whether the client hears it is its own business.
  socket.on('error', () => {});
  socket.end('-ERR max number of clients reached\r\n');
  socket.destroySoon();
}

function clientOf(socket: Socket, id: number): Omit<Client, 'subscriptions'> {
  const addressOf = (host: string | undefined, port: number | undefined): string =>
    formatAddress({ host: host ?? '?', port: port ?? 0 });
  const now = Date.now();
  return {
    id,
    address: addressOf(socket.remoteAddress, socket.remotePort),
    localAddress: addressOf(socket.localAddress, socket.localPort),
    connectedAt: now,
    lastReadAt: now,
    protocol: 2,
    name: '',
    libraryName: '',
    libraryVersion: '',
    isLeaving: false,
  };
}

/** Resolves with the port, which the system may have chosen. */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(listenError(error, { host, port }));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      const bound = server.address() as AddressInfo; // not a path, as it listens on a host and a port
      resolve(bound.port);
    });
  });
}
