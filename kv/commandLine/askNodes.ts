/** One command to a cluster, over the Redis protocol: any node that answers will do. */
import { formatAddress, type PeerAddress } from '../../runtime/transport/address.ts';
import { redisDeadlineMs } from '../limits.ts';
import { CommandFailed } from './commandFailed.ts';
import { askRedisForReply, NoReply, type RedisReply } from './redisClient.ts';

/** A node answers by its own deadline, and that takes a moment to arrive. */
const replyMsMax = redisDeadlineMs + 2000;

/**
 * Asks one node after the other until one answers.
 * @param isHarmless it may be asked for again when the answer was lost
 * @throws CommandFailed
 */
export async function askNodes(
  addresses: readonly PeerAddress[],
  command: readonly (string | Uint8Array)[],
  isHarmless: boolean,
): Promise<RedisReply> {
  for (const address of addresses) {
    try {
      return await askRedisForReply(address, command, replyMsMax);
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      const where = formatAddress(address);
      if (error.kind === 'error') throw new CommandFailed(`${where} answers: ${error.message}`);
      if (error.kind === 'lost' && !isHarmless) {
        throw new CommandFailed(
          `${where}: ${error.message} The command may or may not have taken effect: look with get.`,
        );
      }
    }
  }
  const names = addresses.map(formatAddress).join(', ');
  throw new CommandFailed(
    `No node answers (${names}): start them, or name others with --nodes HOST:PORT,...`,
  );
}
