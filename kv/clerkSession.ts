/**
 * One session of a clerk: its runs in order, of which one is under way at a time, and the numbers that make each
 * command take effect once.
 */
import { ClerkRun, type RunOptions } from './clerkRun.ts';
import { KvError, OperationCode, type Reply } from './operation.ts';
import { OwnCommand, OwnQuery } from './ownItems.ts';
import { type Item, ItemKind } from './wire.ts';

const registration: Item = { kind: ItemKind.register, body: new Uint8Array(0) };

/** What a session sends next: items, and the run that they belong to. */
export interface Parcel {
  readonly session: ClerkSession;
  readonly run: ClerkRun;
  /** The place in the run of each item's operation; empty: the item is the session's registration. */
  readonly places: readonly number[];
  readonly items: readonly Item[];
  /** Of the items, about. */
  readonly bytes: number;
  /** It goes to the member that is nearest, not to the leader. */
  readonly isForNearest: boolean;
}

export interface SessionOptions {
  /** Overload is waited out, not reported. */
  readonly isPatient: boolean;
  /** There is a member nearer than any other, which may answer queries. */
  readonly hasNearest: boolean;
  /** Hears when the session has something to send. */
  readonly onReady: (session: ClerkSession) => void;
}

export class ClerkSession {
  /** It stands in the list of those that have something to send; the list's business. */
  isReady = false;
  /** It is known to have unfinished runs; the carrier's business. */
  isBusy = false;
  /** The log index of the registration; undefined before it is known. */
  #id: number | undefined;
  #lastSequence = 0;
  readonly #runs: ClerkRun[] = [];
  #isUnderWay = false;
  readonly #options: SessionOptions;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get runs(): readonly ClerkRun[] {
    return this.#runs;
  }

  submit(options: RunOptions): ClerkRun {
    const run = new ClerkRun(options);
    this.#runs.push(run);
    if (!this.#isUnderWay) this.#options.onReady(this);
    return run;
  }

  /** The next parcel, if there is one and none is under way. */
  take(): Parcel | undefined {
    const run = this.#runs[0];
    if (this.#isUnderWay || !run) return undefined;
    this.#isUnderWay = true;
    if (run.isWrite && this.#id === undefined)
      return { session: this, run, places: [], items: [registration], bytes: 0, isForNearest: false };
    const places = run.missing;
    if (run.isWrite) this.#number(run, places);
    const isForNearest = run.isForAnyMember && this.#options.hasNearest;
    const queryKind = isForNearest ? ItemKind.memberQuery : ItemKind.query;
    const [first = 0] = places;
    const items: Item[] = [];
    for (const place of places) items.push(this.#item(run, place, first, queryKind));
    return { session: this, run, places, items, bytes: run.byteLength, isForNearest };
  }

  /** The parcel came back; the replies to it are those from `begin` on. */
  answered({ run, places, isForNearest }: Parcel, replies: readonly Reply[], begin: number): void {
    this.#isUnderWay = false;
    const first = replies[begin] ?? null;
    if (places.length > 0) {
      const id = this.#id;
      for (let i = 0; i < places.length; i += 1) {
        const reply = replies[begin + i] ?? null;
        if (isForNearest && isNotLeader(reply)) run.leaveToLeader();
        this.#takeReply(run, places[i] ?? 0, reply, id);
      }
    } else if (typeof first === 'number') this.#id = first;
    else if (first instanceof KvError && first.code === 'Overloaded' && !this.#options.isPatient)
      run.giveUp(first);
    this.#settle(run);
  }

  /** The parcel was lost: what it asked for may have happened. */
  lost({ run, places, isForNearest }: Parcel): void {
    this.#isUnderWay = false;
    // The nearest may be far behind in what it has applied.
    if (isForNearest) run.leaveToLeader();
    if (places.length > 0) run.isUncertain = true;
    this.#settle(run);
  }

  /** Ends runs early. Their commands may yet take effect, so the session is left to them. */
  giveUp(isMeant: (run: ClerkRun) => boolean, error: KvError): void {
    for (const run of [...this.#runs]) {
      if (!isMeant(run)) continue;
      this.#runs.splice(this.#runs.indexOf(run), 1);
      if (run.numbering !== undefined) this.#forgetSession();
      run.giveUp(error);
    }
  }

  /** The command that ends the session, if it was ever registered. */
  closing(): Item | undefined {
    if (this.#id === undefined) return undefined;
    const stamp = { session: this.#id, sequence: 0, seenThrough: this.#lastSequence };
    return new OwnCommand({ code: OperationCode.closeSession, args: [] }, stamp);
  }

  #settle(run: ClerkRun): void {
    if (run.finishIfAnswered() && this.#runs[0] === run) this.#runs.shift();
    if (this.#runs.length > 0) this.#options.onReady(this);
  }

  #takeReply(run: ClerkRun, place: number, reply: Reply, id: number | undefined): void {
    if (!(reply instanceof KvError)) {
      run.answer(place, reply);
      return;
    }
    if (reply.code === 'SessionExpired') {
      // Not executed by this attempt, and never by this session: unless an earlier one may have been, it goes in a new one.
      this.#forgetSession();
      if (run.isUncertain) run.answer(place, expiredUnderWay(id));
      else run.numbering = undefined;
      return;
    }
    if (reply.code !== 'Overloaded') {
      run.answer(place, reply);
      return;
    }
    if (this.#options.isPatient || run.isUncertain) return;
    // Not executed, and not tried again: its number is free for the next command.
    if (run.isWrite) this.#lastSequence = Math.min(this.#lastSequence, (run.numbering ?? 0) + place - 1);
    run.answer(place, reply);
  }

  #forgetSession(): void {
    this.#id = undefined;
    this.#lastSequence = 0;
  }

  /** What has its answer already is not numbered again, in a new session least of all. */
  #number(run: ClerkRun, places: readonly number[]): void {
    if (run.numbering !== undefined) return;
    run.numbering = this.#lastSequence + 1 - (places[0] ?? 0);
    this.#lastSequence += places.length;
  }

  /** `first` is the first place of the run without an answer: all before it have been seen. */
  #item(run: ClerkRun, place: number, first: number, queryKind: OwnQuery['kind']): Item {
    const operation = run.operations[place];
    if (!operation) throw new RangeError(`A run of ${run.operations.length} has no operation ${place}.`);
    if (!run.isWrite) return new OwnQuery(queryKind, operation);
    const { numbering = 0 } = run;
    const stamp = { session: this.#id ?? 0, sequence: numbering + place, seenThrough: numbering + first - 1 };
    return new OwnCommand(operation, stamp);
  }
}

function isNotLeader(reply: Reply): boolean {
  return reply instanceof KvError && reply.code === 'NotLeader';
}

function expiredUnderWay(id: number | undefined): KvError {
  return new KvError(
    'SessionExpired',
    `Session ${id} is unknown or has expired, and an earlier attempt was lost: the command may or may not have taken effect.`,
  );
}
