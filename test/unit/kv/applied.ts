/** A state machine with a log of its own, for the tests of what commands do. */
import { KvError, type Operation, OperationCode, type Reply } from '../../../kv/operation.ts';
import { StateMachine } from '../../../kv/stateMachine.ts';
import {
  encodeCommand,
  encodeQuery,
  encodeRegistration,
  encodeTick,
  stampCommand,
} from '../../../kv/wire.ts';
import { EntryKind } from '../../../machines/entry.ts';

export const utf8 = new TextEncoder();

/** A bulk reply as text; any other as it is. */
export function text(value: Reply): Reply | string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}

export function operation(code: OperationCode, ...args: string[]): Operation {
  return { code, args: args.map((arg) => utf8.encode(arg)) };
}

/** An error's code; any other reply as it is. */
export function codeOf(reply: Reply): Reply | string {
  return reply instanceof KvError ? reply.code : reply;
}

export class Applied {
  readonly state = new StateMachine();
  /** What the leader's clock shows, ms. */
  clock: number;
  #index = 0;
  /** Of the session that `do` runs in. */
  #session = 0;
  #sequence = 0;

  constructor(clock = 0) {
    this.clock = clock;
  }

  /** Of the last entry. */
  get index(): number {
    return this.#index;
  }

  register(idleMsMax = 1000): number {
    return this.#apply(EntryKind.session, encodeRegistration(this.clock, idleMsMax)) as number; // its index
  }

  run(session: number, sequence: number, what: Operation, seenThrough = 0): Reply {
    const payload = encodeCommand(what, { session, sequence, seenThrough });
    stampCommand(payload, this.clock);
    return this.#apply(EntryKind.command, payload);
  }

  /** The next command of a session that has seen all replies. */
  do(code: OperationCode, ...args: string[]): Reply {
    return this.carryOut(operation(code, ...args));
  }

  carryOut(what: Operation): Reply {
    if (this.#session === 0) this.#session = this.register(Number.MAX_SAFE_INTEGER);
    this.#sequence += 1;
    return this.run(this.#session, this.#sequence, what, this.#sequence - 1);
  }

  tick(): Reply {
    return this.#apply(EntryKind.command, encodeTick(this.clock));
  }

  get(key: string): Reply | string {
    return text(this.ask(OperationCode.get, key));
  }

  ask(code: OperationCode, ...args: string[]): Reply {
    return this.answer(operation(code, ...args));
  }

  /** The reply to a query, by log time. */
  answer(what: Operation): Reply {
    return this.state.query(encodeQuery(what)) ?? null;
  }

  /** Goes on from a snapshot, in place of another whose log it follows. */
  async follow(other: Applied, chunkBytes?: number): Promise<void> {
    await this.state.restore(streamOf(other.state.snapshot(), chunkBytes));
    this.clock = other.clock;
    this.#index = other.#index;
    this.#session = other.#session;
    this.#sequence = other.#sequence;
  }

  #apply(kind: EntryKind, payload: Uint8Array): Reply {
    this.#index += 1;
    return this.state.apply({ index: this.#index, term: 1, kind, service: 1, payload });
  }
}

/** The chunks of a snapshot, cut into pieces of at most so many bytes. */
export async function* streamOf(chunks: Iterable<Uint8Array>, split = Number.POSITIVE_INFINITY) {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += split) yield chunk.subarray(at, at + split);
  }
}
