/** A way to reach the cluster, as the script of a history sees it. */
import type { Answer, Command } from './commandModel.ts';

export interface ScriptClient {
  /**
   * Sends it once, or not at all; several commands are one transaction.
   * @throws what the client library throws; see fateOf
   */
  run(commands: readonly Command[]): Promise<readonly Answer[]>;
  /** What is under way may still take effect. */
  close(): void;
}

export interface ClientKind {
  readonly name: string;
  /** MULTI and EXEC can be sent together. */
  readonly hasTransactions: boolean;
  /** Settles when it can be used. Until `signal` is aborted it may try. */
  connect(port: number, signal: AbortSignal): Promise<ScriptClient>;
}

/** What became of a command that failed: it had no effect; it may take effect, at any time or never; the test is wrong. */
export type Fate = 'none' | 'inDoubt' | 'wrong';

/** Errors of the server, by their first word (docs/redis.md, Errors). */
const fates: Readonly<Record<string, Fate>> = {
  OVERLOADED: 'none',
  EXECABORT: 'none',
  TIMEOUT: 'inDoubt',
  SESSIONEXPIRED: 'inDoubt',
};

/** Any other error is the client's: its connection was lost, or its patience. Only redis-cli may not have had one. */
export function fateOf(error: unknown): Fate {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('Could not connect to Redis')) return 'none';
  const [, word] = /^([A-Z]{2,}) /.exec(message) ?? [];
  return word === undefined ? 'inDoubt' : (fates[word] ?? 'wrong');
}
