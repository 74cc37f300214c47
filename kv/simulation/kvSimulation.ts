/** The key/value service on simulated nodes: one seed for one trace, and a clerk that reaches them over their network. */
import type { NodeId } from '../../machines/configuration.ts';
import type { ServiceReply } from '../../runtime/codec.ts';
import { virtualScheduling } from '../../runtime/scheduling.ts';
import { Caller } from '../../runtime/simulation/caller.ts';
import { Simulation, type SimulationOptions } from '../../runtime/simulation/simulation.ts';
import { KvService } from '../kvService.ts';
import { type Clerk, makeClerk } from '../makeClerk.ts';

export interface KvSimulationOptions extends SimulationOptions {
  /** Bytes of entries above which a node takes a snapshot; never by default. */
  readonly maxLogBytes?: number;
}

export interface KvSimulation {
  readonly simulation: Simulation;
  /** On the network under its name, `client`. */
  readonly clerk: Clerk;
  /** The names of the keys as a node has applied them; none of one that is down. */
  keys(id: NodeId): readonly string[];
}

/** The name of the clerk on the network. */
export const clientName = 'client';
/** The time of day when a simulation begins, ms since the Unix epoch: that of a plausible date. */
const dayMs = 1_700_000_000_000;

export function simulateKv({ maxLogBytes = -1, ...options }: KvSimulationOptions): KvSimulation {
  const services = new Map<NodeId, KvService>();
  const raft = { noopAtTermStart: true, ...options.raft };
  const simulation: Simulation = new Simulation(
    { ...options, raft },
    {
      makeService(nodeId, storage) {
        // The first lives begin before there is a simulation to ask.
        const timeOfDay = () => dayMs + Math.round(simulation?.clock.now() ?? 0);
        const service = new KvService({ nodeId, storage, maxLogBytes, timeOfDay });
        services.set(nodeId, service);
        return service;
      },
    },
  );
  const caller = new Caller(simulation.network, clientName);
  const clerk = makeClerk({
    servers: simulation.ids.map((id) => ({
      // A service's request gets a service's reply.
      call: (request) => caller.call(id, request) as Promise<ServiceReply | undefined>,
    })),
    ...{ first: 0, clock: simulation.clock, scheduling: virtualScheduling },
  });
  return {
    ...{ simulation, clerk },
    keys: (id) => (simulation.running(id) ? [...(services.get(id)?.keyNames() ?? [])].sort() : []),
  };
}
