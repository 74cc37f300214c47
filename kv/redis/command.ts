/** What a command is to the front: an entry of the table in commands.ts. */
import type { KvError, Operation, OperationCode, Reply } from '../operation.ts';
import type { FrontStatus } from './backend.ts';
import type { Channels } from './channels.ts';
import type { Client } from './client.ts';
import type { FrontLoad } from './frontLoad.ts';
import type { FrontLimits } from './limits.ts';
import type { FrontStatistics } from './statistics.ts';
import type { WireReply } from './writer.ts';

/** What COMMAND tells of a command, in Redis' own terms. */
export interface CommandFacts {
  /** In lower case. */
  readonly name: string;
  /** Words of the command, its name included; negative: so many or more. */
  readonly arity: number;
  readonly flags: readonly string[];
  readonly categories: readonly string[];
  /** Where the keys are: first, last (negative: from the end) and the step between them; zeros: none. */
  readonly keys: readonly [first: number, last: number, step: number];
  readonly summary: string;
  /** The release of Redis that it came with, and the group of its documentation. */
  readonly since: string;
  readonly group: string;
}

/** A command that the service carries out. */
export interface DataCommand extends CommandFacts {
  readonly code: OperationCode;
  /** Which of the arguments the service is told, where it is not all. */
  readonly select?: (args: readonly Uint8Array[]) => readonly Uint8Array[];
  /** What the service is told behind the arguments. */
  readonly complete?: () => readonly Uint8Array[];
  /** Why these arguments are not taken, although their number is right. */
  readonly refuse?: (args: readonly Uint8Array[]) => KvError | undefined;
  /** What the client is told of the reply, if not the reply itself. */
  readonly shape?: (args: readonly Uint8Array[], front: FrontFacts) => (reply: Reply) => WireReply;
}

/** A command that the front answers by itself, when its turn comes. */
export interface LocalCommand extends CommandFacts {
  /** It ends a transaction, where all others become a part of it. */
  readonly endsTransaction?: true;
  /** Subscribers may say it in RESP2, too. */
  readonly isForSubscribers?: true;
  /** Behind it the connection may be a subscriber's, to whom other rules apply. */
  readonly mayConfine?: true;
  /** `args` as the arity promises them, without the name. */
  readonly answer: (
    args: readonly Uint8Array[],
    client: Client,
    front: FrontFacts,
  ) => WireReply | Promise<WireReply>;
}

/** A command that says where a transaction begins and ends, or what it depends on. */
export interface TransactionCommand extends CommandFacts {
  readonly control: 'multi' | 'exec' | 'discard' | 'watch' | 'unwatch';
}

export type Command = DataCommand | LocalCommand | TransactionCommand;

/** What the front's own commands may know of it. */
export interface FrontFacts {
  readonly port: number;
  readonly limits: FrontLimits;
  readonly statistics: FrontStatistics;
  readonly load: FrontLoad;
  readonly channels: Channels;
  /** ms since the epoch */
  readonly startedAt: number;
  now(): number;
  status(): FrontStatus;
  confirmLeader(): Promise<string | null>;
  keyNames(): Iterable<string>;
  clients(): Iterable<Client>;
}

/** What the service is asked, when a client says a command with these arguments. */
export function operationOf({ code, select, complete }: DataCommand, args: readonly Uint8Array[]): Operation {
  const selected = select ? select(args) : args;
  return { code, args: complete ? [...selected, ...complete()] : selected };
}

export function hasArity({ arity }: Pick<CommandFacts, 'arity'>, words: number): boolean {
  return arity >= 0 ? words === arity : words >= -arity;
}
