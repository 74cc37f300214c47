/**
 * What a clerk asks of a server, as it was asked: of its own node, which writes it into the log or answers it as it is.
 * Only for another one is it encoded.
 */
import type { Payload } from '../machines/entry.ts';
import type { Operation } from './operation.ts';
import {
  commandBytes,
  encodeCommand,
  encodeQuery,
  type Item,
  ItemKind,
  type SessionStamp,
  writeCommand,
} from './wire.ts';

/** A command of a session. */
export class OwnCommand implements Item, Payload {
  readonly kind = ItemKind.command;
  readonly byteLength: number;
  /** The leader stamps it: ms since the Unix epoch. */
  proposedAt = 0;
  readonly #operation: Operation;
  readonly #stamp: SessionStamp;

  constructor(operation: Operation, stamp: SessionStamp) {
    this.#operation = operation;
    this.#stamp = stamp;
    this.byteLength = commandBytes(operation);
  }

  get body(): Uint8Array {
    return encodeCommand(this.#operation, this.#stamp);
  }

  writeTo(target: Uint8Array, offset: number): void {
    writeCommand(target, offset, this.#operation, this.#stamp, this.proposedAt);
  }
}

/** A query for the leader, or for any member. */
export class OwnQuery implements Item {
  readonly kind: typeof ItemKind.query | typeof ItemKind.memberQuery;
  readonly operation: Operation;

  constructor(kind: OwnQuery['kind'], operation: Operation) {
    this.kind = kind;
    this.operation = operation;
  }

  get body(): Uint8Array {
    return encodeQuery(this.operation);
  }
}
