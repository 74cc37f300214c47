/**
 * A clock of simulated time as one actor system sees it. It knows which of XState's scheduled events each timer stands for, so
 * that what is pending can be kept as plain data and put back at its place in the order of events.
 */
import type { AnyActor, AnyActorRef, EventObject } from 'xstate';
import type { Clock } from '../../machines/ports.ts';
import { systemIdOf } from '../image/actorImage.ts';
import { NotCapturable } from '../image/plainCopy.ts';
import type { EventOrder, VirtualTimer } from './simulationClock.ts';

/** A delayed event of an actor, such as an `after`. */
export interface ScheduledEventImage {
  /** systemIds; null: the root. */
  readonly source: string | null;
  readonly target: string | null;
  /** By which XState cancels it. */
  readonly id: string;
  readonly event: EventObject;
  /** ms, as it was asked for. */
  readonly delayMs: number;
  /** When it comes due, ms, and its place among the events of that instant. */
  readonly time: number;
  readonly sequence: number;
}

type ScheduledEvent = ReturnType<AnyActor['system']['getSnapshot']>['_scheduledEvents'][string];

/** Time, and what is to come in it. */
export interface ActorTime extends EventOrder {
  now(): number;
}

export class ActorClock implements Clock {
  readonly #clock: ActorTime;
  readonly #name: string;
  #root: AnyActor | undefined;
  /** In the order of setting, which is also the order in which XState lists the scheduled events. */
  readonly #pending = new Map<VirtualTimer, number>();
  /** Where the next timer goes, if an image says so. */
  #place: Pick<VirtualTimer, 'time' | 'sequence'> | undefined;

  /** `name` tells whose actors they are. */
  constructor(clock: ActorTime, name: string) {
    this.#clock = clock;
    this.#name = name;
  }

  /** Names the root of the actor system that the clock was given to. */
  bind(root: AnyActor): void {
    this.#root = root;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, delayMs: number): VirtualTimer {
    const { time, sequence } = this.#place ?? {
      time: this.#clock.dueAt(delayMs),
      sequence: this.#clock.takeSequence(),
    };
    const timer: VirtualTimer = this.#clock.schedule(
      time,
      sequence,
      () => this.#label(timer),
      () => {
        this.#pending.delete(timer);
        callback();
      },
    );
    this.#pending.set(timer, delayMs);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#pending.delete(timer as VirtualTimer); // made by setTimeout above
    this.#clock.clearTimeout(timer);
  }

  /** @throws NotCapturable if a timer is pending that no actor scheduled */
  image(): readonly ScheduledEventImage[] {
    const scheduled = this.#scheduled();
    if (!scheduled) {
      throw new NotCapturable(
        `${this.#name} has ${this.#pending.size} timers that are not all scheduled events of its actors: ` +
          'let actors keep time with delayed events.',
      );
    }
    return [...scheduled].map(([timer, { source, target, id, event }]) => ({
      ...{ source: systemIdOf(source) ?? null, target: systemIdOf(target) ?? null },
      ...{ id, event: structuredClone(event), delayMs: this.#pending.get(timer) ?? 0 },
      ...{ time: timer.time, sequence: timer.sequence },
    }));
  }

  /** Arms what was pending, once the actors are there and started. */
  restore(image: readonly ScheduledEventImage[]): void {
    for (const { source, target, id, event, delayMs, time, sequence } of image) {
      this.#place = { time, sequence };
      try {
        const { system } = this.#boundRoot();
        system.scheduler.schedule(
          this.#actor(source),
          this.#actor(target),
          structuredClone(event),
          delayMs,
          id,
        );
      } finally {
        this.#place = undefined;
      }
    }
  }

  /** The scheduled event of each timer; undefined if they do not belong together one by one. */
  #scheduled(): Map<VirtualTimer, ScheduledEvent> | undefined {
    const events = Object.values(this.#root?.system.getSnapshot()._scheduledEvents ?? {});
    if (events.length !== this.#pending.size) return undefined;
    const pairs = new Map<VirtualTimer, ScheduledEvent>();
    for (const [timer, delayMs] of this.#pending) {
      const event = events[pairs.size];
      if (event?.delay !== delayMs) return undefined;
      pairs.set(timer, event);
    }
    return pairs;
  }

  #label(timer: VirtualTimer): string {
    const scheduled = this.#scheduled()?.get(timer);
    if (!scheduled) return `a timer of ${this.#name}`;
    return `${this.#name} ${systemIdOf(scheduled.target) ?? 'root'} (${scheduled.event.type})`;
  }

  #boundRoot(): AnyActor {
    if (!this.#root) throw new NotCapturable(`The clock of ${this.#name} is not bound to its actors yet.`);
    return this.#root;
  }

  #actor(systemId: string | null): AnyActorRef {
    const root = this.#boundRoot();
    const actor: AnyActorRef | undefined = systemId === null ? root : root.system.get(systemId);
    if (!actor) throw new NotCapturable(`${this.#name} has no actor ${systemId} to wait for a timer.`);
    return actor;
  }
}
