/** Whether two ends that have exchanged their hellos fit together and, if not, how to say it to the one who can mend it. */
import type { NodeId } from '../../machines/configuration.ts';
import { frameFormatVersion } from './frame.ts';
import { type Hello, Role, Verdict } from './hello.ts';
import { quote, type WarningKind } from './warnings.ts';

/** How this end introduces itself. */
export interface Identity {
  readonly clusterId: string;
  readonly nodeId: NodeId;
  readonly group: number;
  readonly role: Role;
}

/** What a node thinks of a dialler. */
export function judgeDialler(hello: Hello, me: Identity, isPeer: (id: NodeId) => boolean): Verdict {
  const common = judgeEither(hello, me);
  if (common !== Verdict.accepted) return common;
  if (hello.to !== me.nodeId) return Verdict.wrongNode;
  // A client is taken under any name: it is kept apart from the members by its role.
  if (hello.role === Role.node && !isPeer(hello.from)) return Verdict.unknownPeer;
  return Verdict.accepted;
}

/** What a dialler thinks of the answer, given whom it wanted to reach; a later release may refuse for new reasons. */
export function judgeAnswer(hello: Hello, me: Identity, peer: NodeId): number {
  const common = judgeEither(hello, me);
  if (common !== Verdict.accepted) return common;
  return hello.from === peer ? hello.verdict : Verdict.wrongNode;
}

function judgeEither(hello: Hello, me: Identity): Verdict {
  if (hello.version !== frameFormatVersion) return Verdict.wrongVersion;
  if (hello.clusterId !== me.clusterId) return Verdict.foreignCluster;
  if (hello.group !== me.group) return Verdict.wrongGroup;
  return Verdict.accepted;
}

/** The warning that belongs to a verdict other than `accepted`. */
export function warningKindOf(verdict: number): WarningKind {
  switch (verdict) {
    case Verdict.wrongVersion:
      return 'wrongVersion';
    case Verdict.foreignCluster:
      return 'foreignCluster';
    case Verdict.wrongGroup:
      return 'wrongGroup';
    case Verdict.wrongNode:
      return 'wrongNode';
    case Verdict.unknownPeer:
      return 'unknownPeer';
    default:
      return 'refused';
  }
}

/** Why `me` turned the dialler away, in one line: both values, and what to do. */
export function describeRefusal(verdict: number, hello: Hello, me: Identity, remote: string): string {
  const they = `${quote(hello.from)}, calling from ${remote},`;
  switch (verdict) {
    case Verdict.wrongNode:
      return `${they} wants to reach ${quote(hello.to)}, but this is ${quote(me.nodeId)}: correct the address of ${quote(hello.to)} in its configuration. The connection was closed.`;
    case Verdict.unknownPeer:
      return `${they} is not a peer of ${quote(me.nodeId)}: add ${quote(hello.from)} to the cluster, or stop it. The connection was closed.`;
    default:
      return `${they} ${describeMismatch(verdict, hello, me)} The connection was closed.`;
  }
}

/** Why the connection that `me` dialled came to nothing, in one line: both values, and what to do. */
export function describeAnswer(
  verdict: number,
  hello: Hello,
  me: Identity,
  peer: NodeId,
  remote: string,
): string {
  switch (verdict) {
    case Verdict.wrongNode:
      return `The node at ${remote} is ${quote(hello.from)}, not ${quote(peer)}: correct the address of ${quote(peer)}. The connection was closed; it is tried again.`;
    case Verdict.unknownPeer:
      return `${quote(peer)} at ${remote} does not know ${quote(me.nodeId)} as a peer: add ${quote(me.nodeId)} to the cluster, or stop this node. The connection was closed; it is tried again.`;
    default:
      return `${quote(hello.from)} at ${remote} ${describeMismatch(verdict, hello, me)} The connection was closed; it is tried again.`;
  }
}

function describeMismatch(verdict: number, hello: Hello, me: Identity): string {
  const we = quote(me.nodeId);
  switch (verdict) {
    case Verdict.wrongVersion:
      return `speaks frame format ${hello.version}, ${we} speaks ${frameFormatVersion}: run releases that share a format.`;
    case Verdict.foreignCluster:
      return `belongs to cluster ${quote(hello.clusterId)}, ${we} to cluster ${quote(me.clusterId)}: correct the address, or the cluster id of one of them.`;
    case Verdict.wrongGroup:
      return `is in Raft group ${hello.group}, ${we} in group ${me.group}: give both the same group.`;
    default:
      return `refuses ${we} for a reason (${verdict}) that this release does not know: read its log.`;
  }
}
