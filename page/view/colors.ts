/** The classes that say which colour something has; the colours themselves stand in style.css, for light and dark. */
import type { ClusterEventType, MessageFrame } from '../../runtime/observation/clusterFrame.ts';

const termColors = 8;

export function termClass(term: number): string {
  return term === 0 ? 'term-none' : `term-${term % termColors}`;
}

/** What a message is about. */
export function messageClass({ kind, isReply, carries, agrees }: MessageFrame): string {
  const about =
    /vote/i.test(kind) || kind.startsWith('timeoutNow') ? 'vote' : /service/.test(kind) ? 'client' : 'append';
  return `message ${about}${isReply ? ' reply' : ''}${carries ? ' carries' : ''}${agrees === false ? ' refuses' : ''}`;
}

const importance: Readonly<Record<ClusterEventType, 'election' | 'leader' | 'fault' | 'other'>> = {
  preVoteAsked: 'election',
  electionStarted: 'election',
  voteGranted: 'other',
  leaderElected: 'leader',
  leaderLost: 'fault',
  crashed: 'fault',
  restarted: 'other',
  failed: 'fault',
  paused: 'fault',
  resumed: 'other',
  network: 'fault',
  command: 'other',
};

export function eventClass(type: ClusterEventType): string {
  return `event-${importance[type]}`;
}
