/**
 * Carries the parcels of many sessions, those of one turn in one request, to the server that the clerk's chart points
 * at, and brings the replies back; what was refused or lost goes again, to the next server.
 */
import { type Actor, createActor } from 'xstate';
import type { NodeId } from '../machines/configuration.ts';
import type { Clock } from '../machines/ports.ts';
import { planned } from '../runtime/chart/plannedChart.ts';
import type { InspectionObserver } from '../runtime/observation/plainInspection.ts';
import type { Scheduling } from '../runtime/scheduling.ts';
import { clerkMachine } from './clerk.ts';
import type { ClerkRun, QueuedBytes, RunKind } from './clerkRun.ts';
import { ClerkSession, type Parcel } from './clerkSession.ts';
import { callTimeoutMs, queuedBytesMax, requestBytesMax } from './limits.ts';
import { KvError, type Operation, type Reply } from './operation.ts';
import type { Answer, Item } from './wire.ts';

export interface CarrierOptions {
  /** How many servers there are. */
  readonly servers: number;
  /** The place of the one to ask first. */
  readonly first: number;
  /** The place of a server that is nearer than any other: queries go there, if it can answer them. None by default. */
  readonly nearest?: number;
  /** The places of servers whose ids are known beforehand; the others are learned from their answers. */
  readonly placeOf: ReadonlyMap<NodeId, number>;
  /** Sends a request; `done` is called once: undefined means lost. */
  readonly send: (server: number, items: readonly Item[], done: (answer: Answer | undefined) => void) => void;
  /** Hears XState's inspection events of the clerk's chart. */
  readonly inspect?: InspectionObserver;
  readonly clock: Clock;
  readonly scheduling: Scheduling;
  /** Overload is waited out, not reported. */
  readonly isPatient: boolean;
}

interface Sent {
  readonly server: number;
  readonly parcels: readonly Parcel[];
  readonly sentAt: number;
  isOver: boolean;
}

const tooLate = new KvError('Timeout', 'No leader answered in time: the command may or may not take effect.');

/** How often overdue runs and calls are looked for, ms. */
const sweepMs = 100;

export class RequestCarrier {
  readonly #options: CarrierOptions;
  readonly #clerk: Actor<typeof clerkMachine>;
  readonly #placeOf: Map<NodeId, number>;
  /** Sessions that have something to send. */
  #ready: ClerkSession[] = [];
  /** Sessions with unfinished runs. */
  readonly #busy = new Set<ClerkSession>();
  readonly #underWay = new Set<Sent>();
  readonly #queued: QueuedBytes = { bytes: 0 };
  #flushScheduled = false;
  #sweep: unknown;
  #closed = false;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#placeOf = new Map(options.placeOf);
    const machine = planned(clerkMachine.provide({ actions: { sendWaiting: () => this.#flushLater() } }));
    const { servers, first: asked, clock, inspect } = options;
    this.#clerk = createActor(machine, {
      ...{ clock, input: { servers, asked }, id: 'clerk', systemId: 'clerk' },
      ...(inspect && { inspect }),
    });
    this.#clerk.start();
  }

  openSession(): ClerkSession {
    const { isPatient, nearest } = this.#options;
    return new ClerkSession({
      ...{ isPatient, hasNearest: nearest !== undefined },
      onReady: (session) => {
        if (session.isReady) return;
        session.isReady = true;
        this.#ready.push(session);
        this.#flushLater();
      },
    });
  }

  /**
   * Runs operations of a session, all of the same kind; `done` gets their replies, once. Operations without an
   * answer at `deadline` (ms on the clerk's clock) get a Timeout.
   */
  submit(
    session: ClerkSession,
    operations: readonly Operation[],
    kind: RunKind,
    deadline: number,
    done: (replies: readonly Reply[]) => void,
  ): ClerkRun | undefined {
    if (this.#closed || this.#queued.bytes > queuedBytesMax) {
      const error = new KvError('Overloaded', 'Too much waits for the cluster: try again in a moment.');
      done(operations.map(() => error));
      return undefined;
    }
    const run = session.submit({ operations, kind, deadline, queued: this.#queued, done });
    if (!session.isBusy) {
      session.isBusy = true;
      this.#busy.add(session);
    }
    this.#sweepLater();
    return run;
  }

  /** Ends one run early: what has no answer yet gets `error`. */
  abandon(session: ClerkSession, run: ClerkRun, error: KvError): void {
    session.giveUp((other) => other === run, error);
  }

  /** Ends a session whose client is gone. Its unanswered commands may or may not take effect. */
  closeSession(session: ClerkSession): void {
    session.giveUp(() => true, new KvError('Timeout', 'The client is gone.'));
    this.#noteIdle(session);
    const closing = session.closing();
    if (closing && !this.#closed) this.#options.send(this.asked, [closing], () => {});
  }

  /** Word of a new leader. */
  heardLeader(leader: NodeId): void {
    const server = this.#placeOf.get(leader);
    if (server === undefined || this.#closed) return;
    this.#clerk.send({ type: 'leaderHeard', server });
    // What is under way to another server may hang with it; sessions make it safe to ask the leader again.
    for (const sent of this.#underWay) if (sent.server !== server) this.#returned(sent, undefined);
  }

  close(): void {
    this.#closed = true;
    this.#options.clock.clearTimeout(this.#sweep);
    this.#clerk.stop();
  }

  /** The place of the server that is asked now: of the leader, once one has answered. */
  get asked(): number {
    return this.#clerk.getSnapshot().context.asked;
  }

  #flushLater(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#options.scheduling.afterTurn(() => {
      this.#flushScheduled = false;
      if (!this.#closed && this.#clerk.getSnapshot().matches('asking')) this.#flush();
    });
  }

  #flush(): void {
    const { nearest = this.asked } = this.#options;
    const forLeader = new Load(this.asked);
    const forNearest = nearest === this.asked ? forLeader : new Load(nearest);
    // It grows meanwhile: an answer may come at once, and make a session ready again.
    for (const session of this.#ready) {
      session.isReady = false;
      const parcel = session.take();
      if (!parcel) continue;
      const load = parcel.isForNearest ? forNearest : forLeader;
      load.parcels.push(parcel);
      load.bytes += parcel.bytes;
      if (load.bytes >= requestBytesMax) this.#send(load);
    }
    this.#ready = [];
    if (forLeader.parcels.length > 0) this.#send(forLeader);
    if (forNearest.parcels.length > 0) this.#send(forNearest);
  }

  #send(load: Load): void {
    const { clock, send } = this.#options;
    const { server } = load;
    const parcels = load.unload();
    const items: Item[] = [];
    for (const parcel of parcels) for (const item of parcel.items) items.push(item);
    const sent: Sent = { server, parcels, sentAt: clock.now(), isOver: false };
    this.#underWay.add(sent);
    send(server, items, (answer) => this.#returned(sent, answer));
  }

  #returned(sent: Sent, answer: Answer | undefined): void {
    if (sent.isOver || this.#closed) return;
    sent.isOver = true;
    this.#underWay.delete(sent);
    const { server, parcels } = sent;
    let count = 0;
    for (const { items } of parcels) count += items.length;
    if (!answer || answer.replies.length !== count) {
      this.#clerk.send({ type: 'lost', server });
      for (const parcel of parcels) parcel.session.lost(parcel);
      return;
    }
    this.#placeOf.set(answer.server, server);
    const hint = answer.leader === null ? null : (this.#placeOf.get(answer.leader) ?? null);
    const isRefused = answer.replies.some(isRefusal);
    this.#clerk.send(isRefused ? { type: 'refused', server, hint } : { type: 'answered', server });
    let next = 0;
    for (const parcel of parcels) {
      parcel.session.answered(parcel, answer.replies, next);
      next += parcel.items.length;
    }
  }

  #sweepLater(): void {
    if (this.#sweep !== undefined || this.#closed) return;
    this.#sweep = this.#options.clock.setTimeout(() => this.#sweepNow(), sweepMs);
  }

  #sweepNow(): void {
    this.#sweep = undefined;
    const { clock } = this.#options;
    for (const sent of this.#underWay) {
      if (clock.now() >= sent.sentAt + callTimeoutMs) this.#returned(sent, undefined);
    }
    for (const session of this.#busy) {
      session.giveUp((run) => run.isOverdue(clock), tooLate);
      if (session.runs.length === 0) this.#noteIdle(session);
    }
    if (this.#busy.size > 0) this.#sweepLater();
  }

  #noteIdle(session: ClerkSession): void {
    session.isBusy = false;
    this.#busy.delete(session);
  }
}

/** What one request will carry to a server. */
class Load {
  readonly server: number;
  parcels: Parcel[] = [];
  bytes = 0;

  constructor(server: number) {
    this.server = server;
  }

  unload(): readonly Parcel[] {
    const { parcels } = this;
    this.parcels = [];
    this.bytes = 0;
    return parcels;
  }
}

function isRefusal(reply: Reply): boolean {
  return (
    reply instanceof KvError &&
    (reply.code === 'NotLeader' || reply.code === 'LeadershipLost' || reply.code === 'Overloaded')
  );
}
