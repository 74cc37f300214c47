/** A clock that a bench can run on: virtual, or the machine's own. */
import type { Clock } from '../../machines/ports.ts';

/** Who waits, for the message of TimeStandsStill: a name, or how to find it when it is asked for. */
export type Label = string | (() => string);

/** An event to come: at `time` (ms), in the order of `sequence` among those of the same instant. */
export interface VirtualTimer {
  readonly time: number;
  readonly sequence: number;
}

/** What puts events in their order, by the time of the world. */
export interface EventOrder {
  /** When something is due that takes `delayMs` from now. */
  dueAt(delayMs: number): number;
  /** The next place in the order of events of one instant. */
  takeSequence(): number;
  schedule(time: number, sequence: number, label: Label, run: () => void): VirtualTimer;
  clearTimeout(timer: unknown): void;
}

export interface SimulationClock extends Clock {
  /** The shortest hop of a message, ms: in virtual time it must move the clock. */
  readonly shortestHopMs: number;
  setTimeout(callback: () => void, delayMs: number, label?: Label): unknown;
  /** The next place in the order of events of one instant. */
  takeSequence(): number;
  schedule(time: number, sequence: number, label: Label, run: () => void): unknown;
  /** Lets time pass until `until()` holds, or until `deadline` (ms); returns whether it held. */
  run(deadline: number, until?: () => boolean): Promise<boolean>;
}
