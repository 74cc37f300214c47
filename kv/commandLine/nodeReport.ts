/** What a node that runs as a process tells of itself: to its terminal, to a log, or to the process that started it. */
import type { NodeId } from '../../machines/configuration.ts';
import type { Role } from '../../runtime/events.ts';
import { formatAddress, type PeerAddress } from '../../runtime/transport/address.ts';
import type { WarningAbout } from '../../runtime/transport/warnings.ts';
import type { ClientWarning } from '../redis/log.ts';

export type NodeReport =
  | {
      readonly type: 'ready';
      readonly id: NodeId;
      readonly redis: PeerAddress;
      readonly listen: PeerAddress;
      readonly data: string;
    }
  | { readonly type: 'roleChanged'; readonly id: NodeId; readonly role: Role; readonly term: number }
  | {
      readonly type: 'leaderChanged';
      readonly id: NodeId;
      readonly leader: NodeId | null;
      readonly term: number;
    }
  | {
      readonly type: 'warning';
      readonly id: NodeId;
      readonly message: string;
      /** Which peer or which client it is about. */
      readonly about?: WarningAbout | ClientWarning;
    }
  | { readonly type: 'pageServed'; readonly id: NodeId; readonly url: string }
  | { readonly type: 'stopped'; readonly id: NodeId };

export type Reporter = (report: NodeReport) => void;

/** A sentence for people; undefined if another report says it better. */
export function describeReport(report: NodeReport): string | undefined {
  const { id } = report;
  switch (report.type) {
    case 'ready':
      return `${id} is ready: Redis clients on ${formatAddress(report.redis)}, peers on ${formatAddress(report.listen)}, data in ${report.data}`;
    case 'roleChanged':
      return `${id} became ${nameOfRole(report.role)} in term ${report.term}`;
    case 'leaderChanged':
      // That it leads itself, or that a leader is lost, its change of role has said.
      if (report.leader === null || report.leader === id) return undefined;
      return `${id} follows ${report.leader} in term ${report.term}`;
    case 'warning':
      return `${id}: ${report.message}`;
    case 'pageServed':
      return `${id} can be looked at: ${report.url}`;
    case 'stopped':
      return `${id} has stopped`;
  }
}

export function nameOfRole(role: string): string {
  return role === 'preCandidate' ? 'pre-candidate' : role;
}
