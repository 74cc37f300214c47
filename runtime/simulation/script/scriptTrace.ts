/**
 * What happened in one step of a script, line by line: virtual time in ms, who, what. A heartbeat that changes nothing,
 * and its answer, are only counted; all else is told.
 */
import type { NodeId } from '../../../machines/configuration.ts';
import type { AppendEntriesReply, AppendEntriesRequest } from '../../../machines/messages.ts';
import type { Message } from '../../codec.ts';
import { entriesOf, listText, speech, toText } from '../../observation/speech.ts';
import type { NodeStatus } from '../../raftNode.options.ts';
import type { Simulation } from '../simulation.ts';
import type { TraceRecord } from '../trace.ts';

type RecordOf<Type extends TraceRecord['type']> = Extract<TraceRecord, { type: Type }>;

/** A node as it was last seen. */
interface Seen {
  readonly status: NodeStatus;
  /** Of the entries in its log, by index. */
  readonly terms: ReadonlyMap<number, number>;
}

/** Where lines are left out. */
const fold = `${' '.repeat(13)}…`;

export class ScriptTrace {
  /** The commands that each node has applied in this life. */
  readonly applied = new Map<NodeId, string[]>();
  readonly #simulation: Simulation;
  readonly #seen = new Map<NodeId, Seen>();
  /** Entries sent and not yet answered: by leader, follower, term and last index. */
  readonly #unanswered = new Map<string, number>();
  /** Replicators that are sending a snapshot: by node and actor. */
  readonly #snapshotting = new Set<string>();
  #lines: string[] = [];
  #quiet = 0;
  /** A heartbeat that is told of if it turns out to change something. */
  #heartbeat: { readonly to: NodeId; readonly line: string } | undefined;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    for (const id of simulation.ids) this.begin(id);
    simulation.trace.onRecord = (record) => this.#hear(record);
  }

  /** A life of a node has begun, or ended. */
  begin(id: NodeId): void {
    const seen = this.#look(id);
    if (seen) this.#seen.set(id, seen);
    else this.#seen.delete(id);
    this.applied.set(id, []);
  }

  /** A line of its own, now. */
  say(who: string, what: string): void {
    this.#lines.push(this.#line(this.#simulation.clock.now(), who, what));
  }

  /** Passes over what has happened since lines were last taken. */
  skip(): void {
    const count = this.take().length;
    if (count > 0) this.#lines.push(`${fold} ${count} lines, skipped`);
  }

  /** The lines since they were last taken. */
  take(): string[] {
    this.#settleHeartbeat();
    const folded = this.#quiet > 0 ? [`${fold} quiet heartbeats and answers: ${this.#quiet}`] : [];
    const lines = [...this.#lines, ...folded];
    this.#lines = [];
    this.#quiet = 0;
    return lines;
  }

  #look(id: NodeId): Seen | undefined {
    const status = this.#simulation.status(id);
    const log = this.#simulation.log(id);
    if (!status || !log) return undefined;
    const terms = new Map<number, number>();
    for (let index = log.firstIndex; index <= log.lastIndex; index += 1)
      terms.set(index, log.termAt(index) ?? 0);
    return { status, terms };
  }

  #line(time: number, who: string, what: string): string {
    return `${time.toFixed(1).padStart(11)}  ${who.padEnd(5)}  ${what}`;
  }

  #hear(record: TraceRecord): void {
    if (record.type === 'delivered') this.#hearMessage(record);
    else if (record.type === 'transition') this.#hearTransition(record);
    else if (record.type === 'durable') this.#hearDurable(record);
    else if (record.type === 'applied') this.#hearApplied(record);
  }

  #hearMessage({ from, to, message, time }: RecordOf<'delivered'>): void {
    this.#settleHeartbeat();
    const line = this.#line(time, `${from}→${to}`, speech(message, this.#simulation.status(to)));
    if (message.type === 'appendEntries' && this.#isHeartbeat(message, to)) this.#heartbeat = { to, line };
    else if (message.type === 'appendEntriesReply' && this.#isKnown(message, to)) this.#quiet += 1;
    else this.#lines.push(line);
    this.#countAnswers(message, to);
  }

  /** It asks nothing: the leader knows that the logs agree so far. */
  #isHeartbeat({ from, entries, prevLogIndex }: AppendEntriesRequest, to: NodeId): boolean {
    const known = this.#simulation.status(from)?.matchIndex[to] ?? 0;
    return entries.count === 0 && prevLogIndex <= known;
  }

  /** It answers a heartbeat, and the leader knows already what it says. */
  #isKnown({ success, from, matchIndex, term }: AppendEntriesReply, to: NodeId): boolean {
    const known = this.#simulation.status(to)?.matchIndex[from] ?? -1;
    return success && matchIndex <= known && !this.#unanswered.get(`${to} ${from} ${term} ${matchIndex}`);
  }

  #countAnswers(message: Message, to: NodeId): void {
    if (message.type === 'appendEntries' && message.entries.count > 0) {
      const key = `${message.from} ${to} ${message.term} ${message.prevLogIndex + message.entries.count}`;
      this.#unanswered.set(key, (this.#unanswered.get(key) ?? 0) + 1);
    }
    if (message.type !== 'appendEntriesReply') return;
    const key = `${to} ${message.from} ${message.term} ${message.matchIndex}`;
    const left = (this.#unanswered.get(key) ?? 0) - 1;
    if (left > 0) this.#unanswered.set(key, left);
    else this.#unanswered.delete(key);
  }

  #settleHeartbeat(): void {
    if (this.#heartbeat) this.#quiet += 1;
    this.#heartbeat = undefined;
  }

  #hearTransition(record: RecordOf<'transition'>): void {
    const { node, time } = record;
    const before = this.#seen.get(node);
    const now = this.#look(node);
    if (!now || !before || now.status.role === 'stopped') return;
    this.#seen.set(node, now);
    const news = [...newsOf(before, now), ...this.#newsOfState(record, before.status, now.status)];
    if (news.length > 0 && this.#heartbeat?.to === node) {
      this.#lines.push(this.#heartbeat.line);
      this.#heartbeat = undefined;
    }
    for (const what of news) this.#lines.push(this.#line(time, node, what));
  }

  /** What only the state of an actor shows. */
  #newsOfState(record: RecordOf<'transition'>, before: NodeStatus, now: NodeStatus): string[] {
    const { node, actor, event } = record;
    const state = JSON.stringify(record.value);
    if (event === 'xstate.after.retransmissionTime.raft.preCandidate.asking' && now.role === before.role)
      return [`asks again who would vote for it in term ${now.term + 1}`];
    if (event === 'transferAsked' && state.includes('transferring'))
      return ['takes no proposals until another leads'];
    const [, peer] = /^replicator:(.*)/.exec(actor) ?? [];
    const key = `${node} ${actor}`;
    const wasSnapshotting = this.#snapshotting.has(key);
    if (!peer || !state.includes('snapshotting')) this.#snapshotting.delete(key);
    else this.#snapshotting.add(key);
    if (wasSnapshotting || !this.#snapshotting.has(key)) return [];
    return [`no longer has the entries that ${peer} needs: sends it the snapshot`];
  }

  #hearDurable({ node, time, group }: RecordOf<'durable'>): void {
    this.#settleHeartbeat();
    const { hardState, snapshot, truncateFrom, entries } = group;
    const vote = hardState?.votedFor ? `a vote for ${hardState.votedFor}` : 'no vote';
    const parts = [
      ...(hardState ? [`term ${hardState.term}, ${vote}`] : []),
      ...(snapshot ? [`a snapshot up to ${snapshot.index}@${snapshot.term}`] : []),
      ...(truncateFrom === undefined ? [] : [`no entry from ${truncateFrom} on`]),
      ...(entries ? [listText(entriesOf(entries))] : []),
    ];
    this.#lines.push(this.#line(time, node, `durable: ${parts.join('; ')}`));
  }

  #hearApplied({ node, time, applied }: RecordOf<'applied'>): void {
    if (applied.type === 'snapshot') {
      const { index, term } = applied.snapshot;
      this.#lines.push(this.#line(time, node, `takes over the snapshot up to ${index}@${term}`));
      return;
    }
    const commands = this.applied.get(node);
    for (const { payload } of applied.entries) commands?.push(toText(payload));
    this.#lines.push(this.#line(time, node, `applies ${listText(applied.entries)}`));
  }
}

/** What is new about a node, in the order in which it is told. */
function newsOf(before: Seen, { status, terms }: Seen): string[] {
  const news: string[] = [];
  const role = roleNews(before.status, status);
  if (role) news.push(role);
  const kept = ([index, term]: [number, number]) =>
    index <= status.snapshotIndex || terms.get(index) === term;
  const [dropped] = [...before.terms].find((entry) => !kept(entry)) ?? [];
  if (dropped !== undefined) news.push(`drops its entries from ${dropped} on`);
  const { commitIndex, snapshotIndex } = status;
  if (commitIndex > before.status.commitIndex) news.push(`knows as committed: up to ${commitIndex}`);
  if (snapshotIndex > before.status.snapshotIndex) news.push(`its log now begins behind ${snapshotIndex}`);
  return news;
}

function roleNews(before: NodeStatus, now: NodeStatus): string | undefined {
  const { role, term, leader } = now;
  const hasNewTerm = term !== before.term;
  if (role === before.role && !hasNewTerm) {
    return role === 'follower' && leader !== null && leader !== before.leader
      ? `follows ${leader}`
      : undefined;
  }
  switch (role) {
    case 'preCandidate':
      return `hears no leader: who would vote for it in term ${term + 1}?`;
    case 'candidate':
      return `stands for election in term ${term}`;
    case 'leader':
      return `leads term ${term}`;
    default: {
      const entered = hasNewTerm ? `enters term ${term}` : 'stays in its term';
      const follows = leader === null ? '' : `, follows ${leader}`;
      if (before.role === 'leader')
        return hasNewTerm
          ? `leads no longer: ${entered}${follows}`
          : 'leads no longer: no majority answers it';
      if (before.role === 'follower') return `${entered}${follows}`;
      return `stands no longer: ${entered}${follows}`;
    }
  }
}
