/** `xstate-raft get`, `put` and `append`: one command to a node that runs, over the Redis protocol. */
import { defaultLimits } from '../redis/limits.ts';
import { askNodes } from './askNodes.ts';
import { CommandFailed } from './commandFailed.ts';
import { type NodesOptions, nodesToAsk } from './nodesToAsk.ts';

/** In place of a value: it is read from standard input. */
const fromInput = '-';

/**
 * Writes the value as it is, with a line break behind it on a terminal only. Settles with the exit code.
 * @throws CommandFailed
 */
export async function get(key: string, options: NodesOptions): Promise<number> {
  const value = await ask(['GET', key], options, true);
  if (value === null) throw new CommandFailed(`There is no value at ${JSON.stringify(key)}.`);
  await write(process.stdout.isTTY ? Buffer.concat([value, Buffer.from('\n')]) : value);
  return 0;
}

/** @throws CommandFailed */
export async function put(key: string, value: string, options: NodesOptions): Promise<number> {
  return tell(await ask(['SET', key, await bytesOf(value)], options, false));
}

/** @throws CommandFailed */
export async function append(key: string, value: string, options: NodesOptions): Promise<number> {
  return tell(await ask(['APPEND', key, await bytesOf(value)], options, false));
}

async function tell(reply: Buffer | null): Promise<number> {
  await write(`${reply}\n`);
  return 0;
}

/** Settles when it has left: the process ends right after. */
function write(output: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(output, () => resolve());
  });
}

async function bytesOf(value: string): Promise<Uint8Array> {
  const chunks: Buffer[] = value === fromInput ? [] : [Buffer.from(value)];
  const { bulkBytesMax } = defaultLimits;
  let bytes = chunks[0]?.byteLength ?? 0;
  if (value === fromInput) {
    for await (const chunk of process.stdin) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > bulkBytesMax) break;
    }
  }
  if (bytes > bulkBytesMax) {
    throw new CommandFailed(`The value is over the limit of ${bulkBytesMax} bytes: split it.`);
  }
  return Buffer.concat(chunks);
}

/** @param isHarmless it may be asked for again when the answer was lost */
async function ask(
  command: readonly (string | Uint8Array)[],
  options: NodesOptions,
  isHarmless: boolean,
): Promise<Buffer | null> {
  const nodes = await nodesToAsk(options);
  const reply = await askNodes(
    nodes.map(({ address }) => address),
    command,
    isHarmless,
  );
  if (reply === null || Buffer.isBuffer(reply)) return reply;
  throw new CommandFailed(`The answer to ${command[0]} is a list, and not one value.`);
}
