/**
 * A network in simulated time: every message is encoded, counted, and may be delayed, lost, duplicated, overtaken or cut
 * off. What is under way is plain data, so that it can be kept in an image and put back.
 */
import type { NodeId } from '../../machines/configuration.ts';
import type { Random } from '../../machines/ports.ts';
import type { SimulationClock } from '../clock/simulationClock.ts';
import { decode, encodeParts, type Message, type Reply, type Request } from '../codec.ts';

/** A range of ms, drawn from evenly. */
export type Range = readonly [min: number, max: number];

export interface Conditions {
  /** One hop, ms. In virtual time it takes at least 1, so that time always moves. */
  readonly hopMs: Range;
  /** One hop of a reply, ms; as a request's by default. */
  readonly replyHopMs?: Range;
  /** In [0, 1]. */
  readonly requestLoss: number;
  readonly replyLoss: number;
  readonly duplication: number;
  /** The share of requests, and of their duplicates, that come late, and by how many ms; none by default. */
  readonly lateRequests?: number;
  readonly lateRequestMs?: Range;
  /** The share of replies that come late, and by how many ms. */
  readonly lateReplies: number;
  readonly lateReplyMs: Range;
  /** How long a call to a node that cannot be reached takes to fail, ms. */
  readonly deadCallMs: Range;
}

/** The networks of the scenarios. */
export const conditions = {
  reliable: {
    ...{ hopMs: [0, 0], requestLoss: 0, replyLoss: 0, duplication: 0 },
    ...{ lateReplies: 0, lateReplyMs: [0, 0], deadCallMs: [0, 100] },
  },
  unreliable: {
    ...{ hopMs: [0, 26], replyHopMs: [0, 0], requestLoss: 0.1, replyLoss: 0.1, duplication: 0 },
    ...{ lateReplies: 0, lateReplyMs: [0, 0], deadCallMs: [0, 100] },
  },
} satisfies Record<string, Conditions>;

/** Two replies in three arrive this late on the long-reordering network. */
export const longReordering = { lateReplies: 2 / 3, lateReplyMs: [200, 2200] } satisfies Partial<Conditions>;
/** A call to a lost peer hangs for seconds. */
export const longDelays = { deadCallMs: [0, 7000] } satisfies Partial<Conditions>;

export interface Endpoint {
  /** `life` is the caller's when it called; the reply is given back with it. */
  request(from: NodeId, callId: number, request: Request, life: number): void;
  /** undefined: lost. */
  replied(callId: number, reply: Reply | undefined): void;
  /** Until then, ms, it hears nothing, and what arrives waits. */
  readonly pausedUntil?: number;
}

interface Flight {
  readonly id: number;
  readonly kind: 'request' | 'reply' | 'loss';
  readonly from: NodeId;
  readonly to: NodeId;
  readonly callId: number;
  /** Which life of the caller the call belongs to: a restarted node hears nothing of its former calls. */
  readonly life: number;
  readonly bytes: Uint8Array;
}

export interface FlightImage extends Flight {
  readonly sentAt: number;
  readonly time: number;
  readonly sequence: number;
}

export interface Counts {
  rpcs: number;
  bytes: number;
}

export class SimulatedNetwork {
  /** Of every link that has none of its own. */
  conditions: Conditions = conditions.reliable;
  readonly counts: Counts = { rpcs: 0, bytes: 0 };
  /** Hears of every message that is sent. */
  onSent: (from: NodeId, to: NodeId, message: Message) => void = () => {};
  /** Hears of every message that arrives. */
  onDelivery: (from: NodeId, to: NodeId, bytes: Uint8Array, message: Message) => void = () => {};
  readonly #clock: SimulationClock;
  readonly #random: Random;
  readonly #endpoints = new Map<NodeId, Endpoint>();
  readonly #lives = new Map<NodeId, number>();
  readonly #disconnected = new Set<NodeId>();
  /** Cuts of one direction, as "from>to". */
  readonly #cuts = new Set<string>();
  /** Conditions of one direction of a link, by "from>to". */
  readonly #links = new Map<string, Conditions>();
  readonly #flights = new Map<number, FlightImage>();
  #flightCount = 0;

  constructor(clock: SimulationClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  attach(id: NodeId, endpoint: Endpoint): void {
    this.#endpoints.set(id, endpoint);
    this.#lives.set(id, (this.#lives.get(id) ?? 0) + 1);
  }

  /** The node is gone: what was under way to it is lost. */
  detach(id: NodeId): void {
    this.#endpoints.delete(id);
  }

  connect(id: NodeId): void {
    this.#disconnected.delete(id);
  }

  disconnect(id: NodeId): void {
    this.#disconnected.add(id);
  }

  isConnected(id: NodeId): boolean {
    return !this.#disconnected.has(id);
  }

  /** Cuts one direction of a link. */
  cut(from: NodeId, to: NodeId): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** Mends one direction of a link. */
  mend(from: NodeId, to: NodeId): void {
    this.#cuts.delete(`${from}>${to}`);
  }

  /** Gives one direction of a link conditions of its own, on top of the network's; undefined takes them back. */
  setLink(from: NodeId, to: NodeId, own: Partial<Conditions> | undefined): void {
    if (own) this.#links.set(`${from}>${to}`, { ...this.conditions, ...own });
    else this.#links.delete(`${from}>${to}`);
  }

  /** Nodes reach each other within a group only. */
  partition(...groups: readonly (readonly NodeId[])[]): void {
    this.#cuts.clear();
    for (const group of groups) {
      for (const other of groups) {
        if (other === group) continue;
        for (const from of group) for (const to of other) this.cut(from, to);
      }
    }
  }

  /** Mends all cuts and links, and connects all nodes. */
  heal(): void {
    this.#links.clear();
    this.#cuts.clear();
    this.#disconnected.clear();
  }

  call(from: NodeId, to: NodeId, callId: number, request: Request): void {
    this.onSent(from, to, request);
    const bytes = bytesOf(request);
    this.counts.rpcs += 1;
    this.counts.bytes += bytes.byteLength;
    const life = this.#lives.get(from) ?? 0;
    const flight = { kind: 'request', from, to, callId, life, bytes } as const;
    const link = this.#link(from, to);
    if (!this.#reaches(from, to)) this.#lose(flight, link.deadCallMs);
    else if (this.#chance(link.requestLoss)) this.#lose(flight, [0, 0]);
    else {
      this.#flyRequest(flight, link);
      if (this.#chance(link.duplication)) this.#flyRequest(flight, link);
    }
  }

  /** `from` answers the call `callId` that `to` made in that life. */
  reply(from: NodeId, to: NodeId, callId: number, life: number, reply: Reply): void {
    this.onSent(from, to, reply);
    const bytes = bytesOf(reply);
    this.counts.bytes += bytes.byteLength;
    const flight = { kind: 'reply', from, to, callId, life, bytes } as const;
    const link = this.#link(from, to);
    if (!this.#reaches(from, to)) this.#lose(flight, link.deadCallMs);
    else if (this.#chance(link.replyLoss)) this.#lose(flight, [0, 0]);
    else if (this.#chance(link.lateReplies)) this.#fly(flight, link.lateReplyMs);
    else this.#fly(flight, link.replyHopMs ?? link.hopMs);
  }

  life(id: NodeId): number {
    return this.#lives.get(id) ?? 0;
  }

  /** What is under way, in the order of sending; of what is lost, the word of it on its way to the caller. */
  get flights(): Iterable<FlightImage> {
    return this.#flights.values();
  }

  /** Cuts of one direction that are in force, those of disconnected nodes included. */
  get cuts(): readonly (readonly [from: NodeId, to: NodeId])[] {
    const ids = [...this.#lives.keys()];
    return ids.flatMap((from) =>
      ids.flatMap((to): [NodeId, NodeId][] => (from !== to && this.#isCut(from, to) ? [[from, to]] : [])),
    );
  }

  /** What is under way, to be put back by `restore`. */
  image(): NetworkImage {
    return {
      ...{ conditions: this.conditions, counts: { ...this.counts }, flightCount: this.#flightCount },
      lives: [...this.#lives],
      disconnected: [...this.#disconnected],
      cuts: [...this.#cuts],
      links: [...this.#links],
      flights: [...this.#flights.values()],
    };
  }

  /** Takes over an image; the nodes attach themselves before. */
  restore(image: NetworkImage): void {
    this.conditions = image.conditions;
    Object.assign(this.counts, image.counts);
    this.#flightCount = image.flightCount;
    this.#lives.clear();
    for (const [id, life] of image.lives) this.#lives.set(id, life);
    for (const id of image.disconnected) this.#disconnected.add(id);
    for (const cut of image.cuts) this.#cuts.add(cut);
    for (const [link, own] of image.links) this.#links.set(link, own);
    for (const flight of image.flights) this.#take(flight);
  }

  #reaches(from: NodeId, to: NodeId): boolean {
    return this.#endpoints.has(to) && !this.#isCut(from, to);
  }

  #isCut(from: NodeId, to: NodeId): boolean {
    return (
      this.#disconnected.has(from) ||
      this.#disconnected.has(to) ||
      (this.#cuts.size > 0 && this.#cuts.has(`${from}>${to}`))
    );
  }

  #link(from: NodeId, to: NodeId): Conditions {
    return (this.#links.size > 0 && this.#links.get(`${from}>${to}`)) || this.conditions;
  }

  #chance(share: number): boolean {
    return share > 0 && this.#random.next() < share;
  }

  #draw([min, max]: Range): number {
    const drawn = min === max ? min : min + this.#random.next() * (max - min);
    return Math.max(this.#clock.shortestHopMs, drawn);
  }

  #flyRequest(
    flight: Omit<Flight, 'id'>,
    { hopMs, lateRequests = 0, lateRequestMs = hopMs }: Conditions,
  ): void {
    this.#fly(flight, this.#chance(lateRequests) ? lateRequestMs : hopMs);
  }

  /** The caller hears, after a while, that its call was lost. */
  #lose(flight: Omit<Flight, 'id'>, range: Range): void {
    const { kind, from, to, callId, life } = flight;
    const caller = kind === 'request' ? from : to;
    this.#fly({ kind: 'loss', from: caller, to: caller, callId, life, bytes: noBytes }, range);
  }

  #fly({ kind, from, to, callId, life, bytes }: Omit<Flight, 'id'>, range: Range): void {
    this.#flightCount += 1;
    const id = this.#flightCount;
    const sequence = this.#clock.takeSequence();
    const sentAt = this.#clock.now();
    const time = sentAt + this.#draw(range);
    this.#take({ id, kind, from, to, callId, life, bytes, sentAt, time, sequence });
  }

  #take(flight: FlightImage): void {
    this.#flights.set(flight.id, flight);
    const label = () => `${flight.kind} ${flight.from} to ${flight.to}`;
    this.#clock.schedule(flight.time, flight.sequence, label, () => {
      this.#flights.delete(flight.id);
      this.#arrive(flight);
    });
  }

  #arrive(flight: FlightImage): void {
    const { kind, from, to, callId, life, bytes } = flight;
    const endpoint = this.#endpoints.get(to);
    const pausedUntil = endpoint?.pausedUntil ?? 0;
    if (pausedUntil > flight.time) {
      // What was due on the machine itself comes first.
      this.#take({ ...flight, time: pausedUntil, sequence: this.#clock.takeSequence() });
      return;
    }
    if (kind === 'loss') {
      if (this.life(to) === life) endpoint?.replied(callId, undefined);
      return;
    }
    if (!endpoint || !this.#reaches(from, to)) {
      this.#lose(flight, this.#link(from, to).deadCallMs);
      return;
    }
    const message: Message = decode(bytes);
    this.onDelivery(from, to, bytes, message);
    if (kind === 'request') endpoint.request(from, callId, message as Request, life);
    else if (this.life(to) === life) endpoint.replied(callId, message as Reply); // call and reply made them
  }
}

const noBytes = new Uint8Array(0);

/** What a node of this program says needs no look before it travels: it is looked at where it arrives. */
function bytesOf(message: Message): Uint8Array {
  const [head, tail] = encodeParts(message);
  const bytes = new Uint8Array(head.byteLength + tail.byteLength);
  bytes.set(head);
  bytes.set(tail, head.byteLength);
  return bytes;
}

export interface NetworkImage {
  readonly conditions: Conditions;
  readonly counts: Counts;
  readonly flightCount: number;
  readonly lives: readonly (readonly [NodeId, number])[];
  readonly disconnected: readonly NodeId[];
  readonly cuts: readonly string[];
  readonly links: readonly (readonly [link: string, own: Conditions])[];
  readonly flights: readonly FlightImage[];
}
