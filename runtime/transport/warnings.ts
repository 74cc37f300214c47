/** One clear line for what an operator should know of, and no flood of them. */
import type { NodeId } from '../../machines/configuration.ts';
import { warningSubjectsMax } from './transportLimits.ts';

/** Names may come from the network: quoted, they cannot break a line of the log. */
export function quote(name: string): string {
  return JSON.stringify(name);
}

export type WarningKind =
  | 'wrongVersion'
  | 'foreignCluster'
  | 'wrongGroup'
  | 'wrongNode'
  | 'unknownPeer'
  | 'refused'
  | 'garbage'
  | 'oversize'
  | 'connectedTwice'
  | 'tooManyConnections'
  | 'acceptFailed'
  | 'unreachable';

/** What a warning is about, for whoever writes it to a structured log. */
export interface WarningAbout<Kind extends string = WarningKind> {
  readonly kind: Kind;
  /** The address at the other end. */
  readonly remote: string;
  /** The peer as this node knows it, or as it calls itself. */
  readonly peer?: NodeId;
  /** Warnings like this one that were held back since the last one. */
  readonly suppressed: number;
}

export type OnWarning<Kind extends string = WarningKind> = (
  message: string,
  about: WarningAbout<Kind>,
) => void;

interface LastLine {
  /** ms on the clock of `now` */
  readonly at: number;
  suppressed: number;
}

/** Subjects beyond those told apart share one line. */
const others = '';

/** Lets the first warning of a kind about a subject through, and then one in each period. */
export class Warnings<Kind extends string = WarningKind> {
  readonly #onWarning: OnWarning<Kind>;
  readonly #everyMs: number;
  readonly #now: () => number;
  /** By kind, then by subject. */
  readonly #lastLines = new Map<Kind, Map<string, LastLine>>();

  /** `now` in ms, never running backwards. */
  constructor(onWarning: OnWarning<Kind>, everyMs: number, now: () => number) {
    this.#onWarning = onWarning;
    this.#everyMs = everyMs;
    this.#now = now;
  }

  /** `subject` is what makes two warnings of a kind the same one: a host, a peer. */
  warn(kind: Kind, subject: string, message: string, remote: string, peer?: NodeId): void {
    const at = this.#now();
    const lines = this.#linesOf(kind, at);
    const key = lines.has(subject) || lines.size < warningSubjectsMax ? subject : others;
    const last = lines.get(key);
    if (last !== undefined && at - last.at < this.#everyMs) {
      last.suppressed += 1;
      return;
    }
    lines.set(key, { at, suppressed: 0 });
    const suppressed = last?.suppressed ?? 0;
    this.#onWarning(message, { kind, remote, suppressed, ...(peer !== undefined && { peer }) });
  }

  /** Strangers choose most subjects: those whose period is over make room for others. */
  #linesOf(kind: Kind, at: number): Map<string, LastLine> {
    const lines = this.#lastLines.get(kind) ?? new Map<string, LastLine>();
    this.#lastLines.set(kind, lines);
    if (lines.size >= warningSubjectsMax) {
      for (const [subject, last] of lines) if (at - last.at >= this.#everyMs) lines.delete(subject);
    }
    return lines;
  }
}
