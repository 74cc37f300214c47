/** The key/value server of the labs: Raft, a persister and the service, over any transport. */
import { Subject } from 'rxjs';
import type { RaftReply, RaftRequest } from '../machines/messages.ts';
import type { ServiceReply, ServiceRequest } from '../runtime/codec.ts';
import { validate } from '../runtime/codec.ts';
import { exposeAsRaft, type MakeRaftOptions, peerName, type Raft } from '../runtime/makeRaft.ts';
import { KvService } from './kvService.ts';
import { kvService } from './wire.ts';

export interface StartKvServerOptions extends Omit<MakeRaftOptions, 'applyCh'> {
  /** Bytes of persisted Raft state above which a snapshot is taken; -1: no snapshots. */
  readonly maxRaftState: number;
  /**
   * The time of day on this server, ms since the Unix epoch: keys and sessions expire by the leader's. By default the
   * machine's; on a clock of another's, that clock's.
   */
  readonly timeOfDay?: () => number;
  /** A session that no command has used for so long ends, ms; 1 hour unless given. */
  readonly sessionIdleMsMax?: number;
}

export interface KvServer {
  readonly raft: Raft;
  /**
   * A request of a clerk, or a Raft RPC of a peer; settles when it can be answered.
   * @throws MalformedMessage, MalformedKvMessage
   */
  handle(request: ServiceRequest): Promise<ServiceReply>;
  handle(request: RaftRequest): Promise<RaftReply>;
  kill(): void;
}

/** A simulation has no other time of day than its own. */
function timeOf({ clock }: StartKvServerOptions): () => number {
  return clock ? () => clock.now() : Date.now;
}

/** @throws UnreadableState, InvalidArgument */
export function startKvServer(given: StartKvServerOptions): KvServer {
  const { maxRaftState, timeOfDay = timeOf(given), sessionIdleMsMax, ...options } = given;
  let kv: KvService | undefined;
  const { raft } = exposeAsRaft({
    noopAtTermStart: true,
    ...options,
    applyCh: new Subject(),
    service: (storage) => {
      kv = new KvService({
        ...{ nodeId: peerName(options.me), storage, maxLogBytes: maxRaftState, timeOfDay },
        ...(sessionIdleMsMax !== undefined && { sessionIdleMsMax }),
      });
      return kv;
    },
  });

  function handle(request: ServiceRequest): Promise<ServiceReply>;
  function handle(request: RaftRequest): Promise<RaftReply>;
  function handle(request: ServiceRequest | RaftRequest): Promise<ServiceReply | RaftReply> {
    if (request.type !== 'serviceRequest') return raft.handle(request);
    return new Promise((resolve, reject) => {
      try {
        validate(request);
        kv?.handle(request.body, (body) =>
          resolve({ type: 'serviceReply', group: request.group, service: kvService, body }),
        );
      } catch (error) {
        reject(error);
      }
    });
  }

  return { raft, handle, kill: () => raft.kill() };
}
