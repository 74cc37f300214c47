/** The commands of one connection that have not had their turn yet, in the order in which they came. */
import { isWrite, type Operation, type Reply } from '../operation.ts';
import type { FrontLoad } from './frontLoad.ts';
import type { WireReply } from './writer.ts';

/** What the service carries out. */
export interface DataCall extends Operation {
  /** Of the command, in lower case. */
  readonly name: string;
  /** Bytes of the arguments. */
  readonly bytes: number;
  /** Called when its turn comes, where the operation depends on replies to what came before. */
  readonly prepare?: () => Operation;
  /** What the client is told of the reply, if not the reply itself. */
  readonly shape?: (reply: Reply) => WireReply;
}

/** What the front answers by itself. */
export class LocalCall {
  readonly answer: () => WireReply | Promise<WireReply>;
  readonly bytes: number;
  /** Of the command that is carried out, in lower case; none if it is refused. */
  readonly name: string | undefined;
  constructor(answer: () => WireReply | Promise<WireReply>, bytes: number, name?: string) {
    this.answer = answer;
    this.bytes = bytes;
    this.name = name;
  }
}

export class CallQueue {
  /** Bytes of all calls. */
  bytes = 0;
  #calls: (DataCall | LocalCall)[] = [];
  /** Those before it have been taken. */
  #head = 0;
  readonly #load: FrontLoad;

  constructor(load: FrontLoad) {
    this.#load = load;
  }

  get length(): number {
    return this.#calls.length - this.#head;
  }

  push(call: DataCall | LocalCall): void {
    this.#calls.push(call);
    this.#count(call.bytes);
  }

  /** Takes the first call off if the front answers it. */
  takeLocal(): LocalCall | undefined {
    const call = this.#calls[this.#head];
    if (!(call instanceof LocalCall)) return undefined;
    this.#head += 1;
    this.#drop(call.bytes);
    return call;
  }

  /** Takes off all calls up to the first that is of another class: a read among writes, a write among reads, a local. */
  takeRun(): readonly DataCall[] {
    const run: DataCall[] = [];
    let bytes = 0;
    let isWriting = false;
    for (; this.#head < this.#calls.length; this.#head += 1) {
      const call = this.#calls[this.#head];
      if (call === undefined || call instanceof LocalCall) break;
      if (run.length === 0) isWriting = isWrite(call.code);
      else if (isWriting !== isWrite(call.code)) break;
      run.push(call.prepare ? { ...call, ...call.prepare() } : call);
      bytes += call.bytes;
    }
    this.#drop(bytes);
    return run;
  }

  clear(): void {
    this.#calls = [];
    this.#head = 0;
    this.#count(-this.bytes);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    this.#load.queuedBytes += bytes;
  }

  /** The calls taken leave the array once they are the larger part of it: each is moved less than once. */
  #drop(bytes: number): void {
    this.#count(-bytes);
    if (this.#head === this.#calls.length) {
      this.#calls = [];
      this.#head = 0;
    } else if (this.#head > this.#calls.length / 2) {
      this.#calls.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
