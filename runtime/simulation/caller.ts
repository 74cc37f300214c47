/** One life of a node, or of a client, on the simulated network: calls as promises, requests as function calls. */
import type { NodeId } from '../../machines/configuration.ts';
import type { Reply, Request } from '../codec.ts';
import type { SimulatedNetwork } from './network.ts';

export class Caller {
  readonly #network: SimulatedNetwork;
  readonly #id: NodeId;
  readonly #calls = new Map<number, (reply: Reply | undefined) => void>();
  #callCount = 0;

  /** Attaches itself to the network under `id`, in place of whoever was there. */
  constructor(network: SimulatedNetwork, id: NodeId, handle?: (request: Request) => Promise<Reply>) {
    this.#network = network;
    this.#id = id;
    network.attach(id, {
      request: (from, callId, request, life) => {
        const ownLife = network.life(id);
        void handle?.(request).then((reply) => {
          if (network.life(id) === ownLife) network.reply(id, from, callId, life, reply);
        });
      },
      replied: (callId, reply) => {
        this.#calls.get(callId)?.(reply);
        this.#calls.delete(callId);
      },
    });
  }

  call(to: NodeId, request: Request): Promise<Reply | undefined> {
    return new Promise((resolve) => {
      this.#callCount += 1;
      this.#calls.set(this.#callCount, resolve);
      this.#network.call(this.#id, to, this.#callCount, request);
    });
  }
}
