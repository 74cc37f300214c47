/** A message under way, in words. */
import type { Message } from '../codec.ts';
import type { NodeStatus } from '../raftNode.options.ts';
import type { MessageFrame } from './clusterFrame.ts';
import { speech } from './speech.ts';

/** @param hearer whom it goes to, as it is now */
export function messageFrame(
  way: Pick<MessageFrame, 'id' | 'from' | 'to' | 'sentAt' | 'arrivesAt'>,
  message: Message,
  hearer: NodeStatus | undefined,
): MessageFrame {
  const { type } = message;
  return {
    ...way,
    ...{ kind: type, text: speech(message, hearer), carries: carries(message), agrees: agrees(message) },
    term: 'term' in message ? message.term : null,
    isReply: type.endsWith('Reply'),
  };
}

function carries(message: Message): boolean {
  return (
    (message.type === 'appendEntries' && message.entries.count > 0) || message.type === 'installSnapshot'
  );
}

function agrees(message: Message): boolean | null {
  if ('voteGranted' in message) return message.voteGranted;
  if ('success' in message) return message.success;
  return message.type.endsWith('Reply') ? true : null;
}
