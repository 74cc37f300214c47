/** One node on the machine's own clock, disk and network: storage, transport, Raft and a service as one actor system. */
import { randomInt } from 'node:crypto';
import type { NodeId } from '../machines/configuration.ts';
import type { Storage } from '../machines/ports.ts';
import type { RaftOptions } from '../machines/raft.context.ts';
import { SeededRandom } from '../machines/random.ts';
import { realClock } from './clock/realClock.ts';
import { decode, encodeParts, type Message } from './codec.ts';
import { InvalidArgument } from './errors.ts';
import type { NodeService } from './nodeService.ts';
import { type InspectionObserver, inspectionFailed, plainInspection } from './observation/plainInspection.ts';
import { raftOptionsFrom } from './raftNode.options.ts';
import { RaftNode } from './raftNode.ts';
import { realScheduling } from './scheduling.ts';
import { openSegmentedLog } from './storage/segmentedLog/openSegmentedLog.ts';
import type { PeerAddress } from './transport/address.ts';
import { LinkTap } from './transport/linkTap.ts';
import { openTcpTransport } from './transport/tcpTransport.ts';
import type { WarningAbout } from './transport/warnings.ts';

export interface NodeConfig {
  /** Nodes of different clusters refuse each other. */
  readonly clusterId: string;
  readonly id: NodeId;
  /** Where each member listens for its peers, this node included. */
  readonly members: Readonly<Record<NodeId, PeerAddress>>;
  /** The data folder; made on first use, and this node's alone. */
  readonly data: string;
  readonly service: (storage: Storage) => NodeService;
  readonly raft?: Partial<RaftOptions>;
  /**
   * Hears XState's inspection events of all actors of the node, in plain data of bounded size, so that any inspector can
   * keep or send them; one that throws hears nothing more. It costs something: leave it out where nobody looks.
   */
  readonly inspect?: InspectionObserver;
  /** Gets one line for each thing that an operator should know of; of what the transport says, also what it is about. */
  readonly onWarning?: (message: string, about?: WarningAbout) => void;
}

/** Asks the service of a member, this node included. `done` is called once, later; undefined: lost. */
export type AskService = (
  member: NodeId,
  service: number,
  body: Uint8Array,
  done: (body: Uint8Array | undefined) => void,
) => void;

export interface RunningNode {
  readonly node: RaftNode;
  /** Where it listens for its peers. */
  readonly address: PeerAddress;
  readonly askService: AskService;
  /** What passes between it and its peers can be looked at and cut here. */
  readonly links: LinkTap;
  /** Settles with the error if the node fails, and never otherwise: its disk must not be touched again. */
  readonly failure: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Opens the data folder, listens, and takes part.
 * @throws InvalidArgument, and what openSegmentedLog and openTcpTransport throw
 */
export async function createNode(config: NodeConfig): Promise<RunningNode> {
  const { clusterId, id, members, data } = config;
  const own = members[id];
  if (!own) {
    const names = Object.keys(members).join(', ');
    throw new InvalidArgument(
      `Node ${id} is not among the members (${names}): add its address, or correct its id.`,
    );
  }
  // Before anything is opened.
  raftOptionsFrom(config.raft ?? {});
  const storage = await openSegmentedLog(data, { clusterId, nodeId: id });
  try {
    return await bringUp(config, own, storage);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function bringUp(config: NodeConfig, own: PeerAddress, storage: Storage): Promise<RunningNode> {
  const { clusterId, id, members, onWarning } = config;
  const random = new SeededRandom(randomInt(2 ** 32));
  const service = config.service(storage);
  await service.restore();

  /** Requests of peers that wait for their reply, by token. */
  const waiting = new Map<number, (payload: readonly Uint8Array[]) => void>();
  let tokens = 0;
  const links = new LinkTap();

  const peers = Object.fromEntries(Object.entries(members).filter(([member]) => member !== id));
  const transport = await openTcpTransport({
    ...{ clusterId, nodeId: id, listen: own, peers, random },
    ...(onWarning && { onWarning }),
    onRequest: (from, payload, answer) => {
      const reply = links.replyTo(from, answer);
      const message = read(payload, `from ${from}`);
      if (!message) return;
      if (message.type === 'serviceRequest') serve(message.service, message.group, message.body, reply);
      else if ('term' in message && isRequest(message)) {
        // A request speaks in the name of who sent it.
        if (message.from !== from) return;
        tokens += 1;
        waiting.set(tokens, reply);
        node.receive(tokens, message);
      }
    },
  });

  const node = new RaftNode({
    ...{ id, group: 0, storage, random, clock: realClock, scheduling: realScheduling },
    configuration: { voters: Object.keys(members), learners: [] },
    raft: { noopAtTermStart: true, ...config.raft },
    services: (raftNode) => [service.actor(raftNode)],
    sendRequest: (peer, callId, request) =>
      links.call(transport, peer, encodeParts(request), (payload) => {
        const reply = payload && read(payload, `from ${peer}`);
        node.replied(callId, reply && 'term' in reply && !isRequest(reply) ? reply : undefined);
      }),
    sendReply: (token, reply) => {
      waiting.get(token)?.(encodeParts(reply));
      waiting.delete(token);
    },
    ...(config.inspect && {
      inspect: plainInspection(config.inspect, (error) => onWarning?.(inspectionFailed(error))),
    }),
  });

  function read(payload: Uint8Array, whence: string): Message | undefined {
    try {
      return decode(payload);
    } catch (error) {
      onWarning?.(`A message ${whence} is dropped: ${(error as Error).message}`);
      return undefined;
    }
  }

  function serve(
    id_: number,
    group: number,
    body: Uint8Array,
    reply: (payload: readonly Uint8Array[]) => void,
  ): void {
    if (id_ !== service.id) return;
    try {
      service.handle(body, (answer) =>
        reply(encodeParts({ type: 'serviceReply', group, service: id_, body: answer })),
      );
    } catch (error) {
      onWarning?.(`A request to service ${id_} is dropped: ${(error as Error).message}`);
    }
  }

  const askService: AskService = (member, service_, body, done) => {
    if (member === id) {
      serve(service_, 0, body, ([head, tail]) => done(tail ?? head));
      return;
    }
    const request = encodeParts({ type: 'serviceRequest', group: 0, service: service_, body });
    links.call(transport, member, request, (payload) => {
      const reply = payload && read(payload, `from ${member}`);
      done(reply?.type === 'serviceReply' ? reply.body : undefined);
    });
  };

  const failure = new Promise<Error>((resolve) => {
    node.events.on('storageFailed', ({ error }) => resolve(error));
  });
  node.events.on('peerLostEntries', ({ peer, index }) =>
    onWarning?.(
      `${peer} no longer has entry ${index}, which it had acknowledged: its data was lost or replaced. ` +
        'It takes no more entries from this leader: stop it, and give it its data folder back.',
    ),
  );
  node.start();
  return {
    ...{ node, address: transport.address, askService, links, failure },
    async stop() {
      await Promise.all([node.stop(), transport.close()]);
    },
  };
}

function isRequest<M extends Message>(message: M): message is Exclude<M, { type: `${string}Reply` }> {
  return !message.type.endsWith('Reply');
}
