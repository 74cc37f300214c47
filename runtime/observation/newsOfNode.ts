/** What is new about a node since it was last looked at: the events of the timeline, each with its cause. */
import type { ClusterEvent, ClusterEventType, NodeFrame } from './clusterFrame.ts';

/** `time`: of the later look, ms. Of a node that is down only that is news. */
export function newsOfNode(before: NodeFrame, now: NodeFrame, time: number): ClusterEvent[] {
  if (before === now) return [];
  const event = (type: ClusterEventType, text: string): ClusterEvent => ({
    ...{ time, type, text: `${now.id} ${text}` },
    ...{ node: now.id, term: now.term },
  });
  if (now.state !== before.state) {
    if (now.state === 'down') {
      const wasLeading = before.role === 'leader' ? `, the leader of term ${before.term},` : '';
      return [{ ...event('crashed', ''), text: `${now.id}${wasLeading} is down.` }];
    }
    if (before.state === 'down') return [event('restarted', 'is back, with what its disk holds.')];
    if (now.state === 'paused') return [event('paused', 'is paused: it hears and says nothing.')];
    if (now.state === 'failed') return [event('failed', 'has a disk that failed: it takes part no more.')];
    if (before.state === 'paused') return [event('resumed', 'goes on.')];
  }
  if (now.state !== 'up') return [];
  return [...newsOfRole(before, now, time, event), ...newsOfVote(before, now, event)];
}

type MakeEvent = (type: ClusterEventType, text: string) => ClusterEvent;

function newsOfRole(before: NodeFrame, now: NodeFrame, time: number, event: MakeEvent): ClusterEvent[] {
  const { role, term } = now;
  const isNew = role !== before.role || (role === 'candidate' && term !== before.term);
  if (!isNew) return [];
  const stepsDown =
    before.role === 'leader'
      ? [
          event(
            'leaderLost',
            `leads no longer: ${term > before.term ? `it has heard of term ${term}` : 'no majority answers it'}.`,
          ),
        ]
      : [];
  if (role === 'preCandidate') {
    return [
      ...stepsDown,
      event('preVoteAsked', `asks who would vote for it in term ${term + 1}: ${causeOf(before, now, time)}.`),
    ];
  }
  if (role === 'candidate') {
    return [
      ...stepsDown,
      event('electionStarted', `stands for election in term ${term}: ${causeOf(before, now, time)}.`),
    ];
  }
  if (role === 'leader') {
    return [event('leaderElected', `leads term ${term}, with the votes of ${now.votes.join(', ')}.`)];
  }
  return stepsDown;
}

function causeOf(before: NodeFrame, now: NodeFrame, time: number): string {
  if (now.leadershipTransfer) return 'its leader asked it to';
  if (before.role === 'preCandidate')
    return `${before.votes.length > 0 ? 'a majority' : 'it'} would elect it`;
  if (before.role === 'candidate') return `term ${before.term} has elected nobody`;
  // It knows best itself; the earlier look may have been some heartbeats before.
  const heardAt = now.leaderHeardAt ?? before.leaderHeardAt;
  if (heardAt === null) return 'it has heard no leader yet';
  const silence = Math.round(time - heardAt);
  return `it has heard nothing of ${before.leader ?? 'a leader'} for ${silence} ms`;
}

function newsOfVote(before: NodeFrame, now: NodeFrame, event: MakeEvent): ClusterEvent[] {
  const { votedFor, term, id } = now;
  const isNew =
    votedFor !== null && votedFor !== id && (votedFor !== before.votedFor || term !== before.term);
  return isNew ? [event('voteGranted', `votes for ${votedFor} in term ${term}.`)] : [];
}
