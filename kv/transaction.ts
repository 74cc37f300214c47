/**
 * MULTI and EXEC as one entry of the log: all commands of a transaction take effect at one moment, or, if a key that its
 * client watched has changed since, none does. A key's version is the log index of its last change.
 */
import type { Keyspace } from './keyspace.ts';
import { transactionReplyBytesMax } from './limits.ts';
import { isWrite, KvError, type Operation, OperationCode, type Reply } from './operation.ts';
import { answer } from './reads.ts';
import { replyBytes } from './replyFormat.ts';
import { keyOf } from './store/store.ts';
import { asBuffer, decodeQuery, encodeQuery } from './wire.ts';
import { execute } from './writes.ts';

/** A key, one character to a byte, and the version that it had. */
export type Watched = Iterable<readonly [key: string, version: number]>;

/** The operation that carries out `commands`, each of them encoded by `encodeQuery`, unless what is watched has changed. */
export function transactionOf(watched: Watched, commands: readonly Uint8Array[]): Operation {
  const args: Uint8Array[] = [];
  for (const [key, version] of watched) args.push(Buffer.from(key, 'latin1'), Buffer.from(String(version)));
  return {
    code: OperationCode.exec,
    args: [encodeQuery({ code: OperationCode.versions, args }), ...commands],
  };
}

/** The replies of all commands, or null if something that is watched has changed. @throws MalformedKvMessage */
export function runTransaction(
  keyspace: Keyspace,
  now: number,
  [watched, ...bodies]: readonly Uint8Array[],
): Reply {
  // All are read before the first takes effect: one that cannot be read must leave nothing behind.
  const watches = watched ? decodeQuery(watched).args : [];
  const commands = bodies.map(decodeQuery);
  for (let at = 0; at + 1 < watches.length; at += 2) {
    const [key, version] = watches.slice(at, at + 2);
    const current = key && keyspace.versionOf(keyOf(key));
    if (current !== Number(version && asBuffer(version).toString('latin1'))) return null;
  }
  let bytes = 0;
  return commands.map((command) => {
    const reply = runOne(keyspace, now, command);
    const size = replyBytes(reply);
    // The command has taken effect; its reply would be kept in the session, and has to fit an answer.
    if (bytes + size > transactionReplyBytesMax) return tooLong(size);
    bytes += size;
    return reply;
  });
}

function runOne(keyspace: Keyspace, now: number, command: Operation): Reply {
  if (command.code === OperationCode.exec) return new KvError('Err', 'a transaction holds no other one');
  // By log time nothing is overdue, and every read has its answer.
  return isWrite(command.code) ? execute(keyspace, now, command) : (answer(keyspace, now, command) ?? null);
}

function tooLong(bytes: number): KvError {
  const limit = transactionReplyBytesMax;
  return new KvError('Err', `${bytes} bytes more of replies are over the limit of ${limit}: ask for fewer`);
}
