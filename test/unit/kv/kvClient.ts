/** A client of a simulated cluster that speaks all of the service's operations, with a session, through retries. */
import type { KvCluster } from 'xstate-raft/testing';
import { isWrite, type Operation, type OperationCode, type Reply } from '../../../kv/operation.ts';
import { RequestCarrier } from '../../../kv/requestCarrier.ts';
import { answerFrom, encodeItems, kvService } from '../../../kv/wire.ts';
import { virtualScheduling } from '../../../runtime/scheduling.ts';
import { Caller } from '../../../runtime/simulation/caller.ts';
import { operation, text } from './applied.ts';

export class KvClient {
  readonly #bench: KvCluster;
  readonly #carrier: RequestCarrier;
  readonly #session;

  /** `nearest`: the server that it reads at; the leader unless given. */
  constructor(bench: KvCluster, name = 'client', nearest?: number) {
    this.#bench = bench;
    const caller = new Caller(bench.network, name);
    this.#carrier = new RequestCarrier({
      ...(nearest !== undefined && { nearest }),
      ...{
        servers: bench.size,
        first: 0,
        isPatient: true,
        scheduling: virtualScheduling,
        clock: bench.clock,
      },
      placeOf: new Map(Array.from({ length: bench.size }, (_, place) => [`n${place}`, place])),
      send: (server, items, done) => {
        const body = encodeItems(items);
        const request = { type: 'serviceRequest', group: 0, service: kvService, body } as const;
        void caller
          .call(`n${server}`, request)
          .then((reply) => done(answerFrom(reply?.type === 'serviceReply' ? reply.body : undefined)));
      },
    });
    this.#session = this.#carrier.openSession();
  }

  /** Lets time pass until the operation has its reply. */
  async do(code: OperationCode, ...args: string[]): Promise<Reply | string> {
    const [reply = null] = await this.pipeline([operation(code, ...args)]);
    return reply;
  }

  /** The same for commands, or for queries, that are sent together. */
  pipeline(operations: readonly Operation[]): Promise<readonly (Reply | string)[]> {
    return this.#bench.during(this.send(operations));
  }

  /** The same, with no time passing for it. */
  send(operations: readonly Operation[]): Promise<readonly (Reply | string)[]> {
    const kind = operations.some(({ code }) => isWrite(code)) ? 'write' : 'read';
    return new Promise((resolve) => {
      const done = (replies: readonly Reply[]) => resolve(replies.map(text));
      this.#carrier.submit(this.#session, operations, kind, Number.POSITIVE_INFINITY, done);
    });
  }

  close(): void {
    this.#carrier.close();
  }
}
