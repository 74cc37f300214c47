/** The clerk of the labs: put, append and get against any of the servers, each with effect once. */
import type { Clock } from '../machines/ports.ts';
import { realClock } from '../runtime/clock/realClock.ts';
import type { ServiceReply, ServiceRequest } from '../runtime/codec.ts';
import { InvalidArgument } from '../runtime/errors.ts';
import { type InspectionObserver, plainInspection } from '../runtime/observation/plainInspection.ts';
import { realScheduling, type Scheduling } from '../runtime/scheduling.ts';
import { KvError, type Operation, OperationCode, type Reply } from './operation.ts';
import { RequestCarrier } from './requestCarrier.ts';
import { answerFrom, encodeItems, kvService } from './wire.ts';

/** How to reach a key/value server. */
export interface KvPeer {
  /** The reply; undefined if the request or the reply was lost, or took too long. Any number may be under way. */
  call(request: ServiceRequest): Promise<ServiceReply | undefined>;
}

export interface MakeClerkOptions {
  /** All servers, in any order. */
  readonly servers: readonly KvPeer[];
  /** After this long (ms) an operation without an answer is rejected with a Timeout. By default it is tried for ever. */
  readonly deadlineMs?: number;
  /** Ends the operations that wait: they are rejected with a Timeout, and may or may not take effect. */
  readonly signal?: AbortSignal;
  /** The place of the server to ask first; by default any. */
  readonly first?: number;
  /**
   * The place of the server to read at, whether it leads or not: it asks the leader from which index on it may answer,
   * so that reads are linearizable all the same. By default reads go to the leader.
   */
  readonly nearest?: number;
  /** Hears XState's inspection events of the clerk's chart, in plain data; one that throws hears nothing more. */
  readonly inspect?: InspectionObserver;
  readonly clock?: Clock;
  readonly scheduling?: Scheduling;
}

/** Keys and values are text, kept as UTF-8. */
export interface Clerk {
  /** @throws KvError with code Timeout */
  put(key: string, value: string): Promise<void>;
  /** A missing key is put. @throws KvError with code Timeout */
  append(key: string, value: string): Promise<void>;
  /** A missing key reads as ''. @throws KvError with code Timeout */
  get(key: string): Promise<string>;
  /** Ends the clerk and its session; what waits is rejected. */
  close(): void;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** @throws InvalidArgument */
export function makeClerk(options: MakeClerkOptions): Clerk {
  const {
    servers,
    deadlineMs = Number.POSITIVE_INFINITY,
    signal,
    first = Math.floor(Math.random() * servers.length),
  } = options;
  const { nearest, clock = realClock, scheduling = realScheduling, inspect } = options;
  if (servers.length === 0)
    throw new InvalidArgument('servers is empty: name at least one key/value server.');
  if (nearest !== undefined && !(nearest in servers))
    throw new InvalidArgument(`nearest is ${nearest}: name a place from 0 to ${servers.length - 1}.`);
  const carrier = new RequestCarrier({
    ...(nearest !== undefined && { nearest }),
    ...(inspect && { inspect: plainInspection(inspect) }),
    ...{ servers: servers.length, first, placeOf: new Map(), clock, scheduling },
    isPatient: true,
    send: (server, items, done) => {
      const body = encodeItems(items);
      const request = { type: 'serviceRequest', group: 0, service: kvService, body } as const;
      const called = servers[server]?.call(request) ?? Promise.resolve(undefined);
      called.then(
        (reply) => done(answerFrom(reply?.body)),
        () => done(undefined),
      );
    },
  });
  const session = carrier.openSession();

  function run(operation: Operation, kind: 'write' | 'read'): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const aborted = new KvError(
        'Timeout',
        'The operation was aborted: it may or may not have taken effect.',
      );
      if (signal?.aborted) {
        reject(aborted);
        return;
      }
      const abort = () => {
        if (submitted) carrier.abandon(session, submitted, aborted);
      };
      const submitted = carrier.submit(session, [operation], kind, clock.now() + deadlineMs, ([reply]) => {
        signal?.removeEventListener('abort', abort);
        if (reply instanceof KvError) reject(reply);
        else resolve(reply ?? null);
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  return {
    async put(key, value) {
      await run({ code: OperationCode.put, args: [utf8.encode(key), utf8.encode(value)] }, 'write');
    },
    async append(key, value) {
      await run({ code: OperationCode.append, args: [utf8.encode(key), utf8.encode(value)] }, 'write');
    },
    async get(key) {
      const value = await run({ code: OperationCode.get, args: [utf8.encode(key)] }, 'read');
      return value instanceof Uint8Array ? fromUtf8.decode(value) : '';
    },
    close() {
      carrier.closeSession(session);
      carrier.close();
    },
  };
}
