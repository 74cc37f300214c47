/**
 * What happened in a simulation, in order, as one hash: every message that arrived, every transition of every actor,
 * every durable write and everything applied, each with its virtual time. One seed gives one trace.
 */
import type { InspectionEvent, StateValue } from 'xstate';
import type { NodeId } from '../../machines/configuration.ts';
import type { SnapshotId } from '../../machines/ports.ts';
import type { Applied } from '../../machines/streams.ts';
import type { Message } from '../codec.ts';
import type { Role } from '../events.ts';
import { systemIdOf } from '../image/actorImage.ts';
import type { DurableGroup } from './simulatedDisk.ts';
import { StreamHash } from './streamHash.ts';

/** One thing that happened, at `time` ms of the world. Bytes and entries are views: copy what is to be kept. */
export type TraceRecord = { readonly time: number } & (
  | Delivered
  /** Not a part of the hash: what arrives of it is. */
  | { readonly type: 'sent'; readonly from: NodeId; readonly to: NodeId; readonly message: Message }
  | ({ readonly node: NodeId } & (
      | {
          readonly type: 'transition';
          /** The systemId; session ids and automatic ids differ between runs. */
          readonly actor: string;
          readonly event: string;
          readonly value: StateValue;
        }
      | { readonly type: 'roleChanged'; readonly role: Role; readonly term: number }
      | { readonly type: 'durable'; readonly group: DurableGroup }
      /** Its power failed, or its disk, before the group was durable; a part of it may be all the same. */
      | { readonly type: 'lost'; readonly group: DurableGroup }
      /** It now knows that the entry at `index` is committed, and all before it. */
      | ({ readonly type: 'committed' } & SnapshotId)
      | { readonly type: 'applied'; readonly applied: Applied }
      | { readonly type: 'booted' }
      | { readonly type: 'crashed' }
      /** A read was asked for; the node answers with an index from which on it may be served, or refuses. */
      | { readonly type: 'readAsked'; readonly token: number }
      | { readonly type: 'readAnswered'; readonly token: number; readonly readIndex: number | null }
    ))
);

interface Delivered {
  readonly type: 'delivered';
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
  readonly message: Message;
}

export interface TraceImage {
  readonly count: number;
  readonly hash: readonly number[];
}

export class Trace {
  /** Hears of everything that happens. */
  onRecord: (record: TraceRecord) => void = () => {};
  readonly #now: () => number;
  readonly #hash = new StreamHash();
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many things have happened. */
  get count(): number {
    return this.#count;
  }

  /** Of all that has happened so far: 16 hexadecimal digits. */
  hash(): string {
    return this.#hash.digest();
  }

  sent(from: NodeId, to: NodeId, message: Message): void {
    this.#count += 1;
    this.onRecord({ type: 'sent', time: this.#now(), from, to, message });
  }

  delivered(from: NodeId, to: NodeId, bytes: Uint8Array, message: Message): void {
    const time = this.#begin(1);
    this.#hash.text(from).text(to).bytes(bytes);
    this.onRecord({ type: 'delivered', time, from, to, bytes, message });
  }

  /** Takes what XState's inspection tells of one node; all but transitions is passed over. */
  inspected(node: NodeId, inspected: InspectionEvent): void {
    if (inspected.type !== '@xstate.snapshot') return;
    const { snapshot } = inspected;
    // Of the actors here, all but a service's own children are statecharts.
    const value = 'value' in snapshot ? (snapshot.value as StateValue) : snapshot.status;
    const actor = systemIdOf(inspected.actorRef) ?? 'root';
    const event = inspected.event.type;
    const time = this.#begin(2);
    this.#hash.text(node).text(actor).text(event);
    this.#takeValue(value);
    this.onRecord({ type: 'transition', time, node, actor, event, value });
  }

  roleChanged(node: NodeId, role: Role, term: number): void {
    const time = this.#begin(5);
    this.#hash.text(node).text(role).number(term);
    this.onRecord({ type: 'roleChanged', time, node, role, term });
  }

  durable(node: NodeId, group: DurableGroup): void {
    const time = this.#begin(3);
    this.#takeGroup(node, group);
    this.onRecord({ type: 'durable', time, node, group });
  }

  /** The power failed before the group was durable. */
  lost(node: NodeId, group: DurableGroup): void {
    const time = this.#begin(6);
    this.#takeGroup(node, group);
    this.onRecord({ type: 'lost', time, node, group });
  }

  committed(node: NodeId, { index, term }: SnapshotId): void {
    const time = this.#begin(7);
    this.#hash.text(node).number(index).number(term);
    this.onRecord({ type: 'committed', time, node, index, term });
  }

  booted(node: NodeId): void {
    const time = this.#begin(8);
    this.#hash.text(node);
    this.onRecord({ type: 'booted', time, node });
  }

  crashed(node: NodeId): void {
    const time = this.#begin(9);
    this.#hash.text(node);
    this.onRecord({ type: 'crashed', time, node });
  }

  readAsked(node: NodeId, token: number): void {
    const time = this.#begin(10);
    this.#hash.text(node).number(token);
    this.onRecord({ type: 'readAsked', time, node, token });
  }

  readAnswered(node: NodeId, token: number, readIndex: number | null): void {
    const time = this.#begin(11);
    this.#hash
      .text(node)
      .number(token)
      .number(readIndex ?? -1);
    this.onRecord({ type: 'readAnswered', time, node, token, readIndex });
  }

  applied(node: NodeId, applied: Applied): void {
    const time = this.#begin(4);
    this.#hash.text(node);
    if (applied.type === 'snapshot') this.#hash.number(applied.snapshot.index).number(applied.snapshot.term);
    else {
      this.#hash.number(-applied.entries.length);
      for (const { index, term, kind, payload } of applied.entries) {
        this.#hash.number(index).number(term).number(kind).bytes(payload);
      }
    }
    this.onRecord({ type: 'applied', time, node, applied });
  }

  image(): TraceImage {
    return { count: this.#count, hash: this.#hash.image() };
  }

  restore(image: TraceImage): void {
    this.#count = image.count;
    this.#hash.restore(image.hash);
  }

  #takeGroup(node: NodeId, { hardState, snapshot, truncateFrom, entries }: DurableGroup): void {
    this.#hash
      .text(node)
      .number(hardState?.term ?? -1)
      .text(hardState?.votedFor ?? '');
    this.#hash.number(truncateFrom ?? -1).number(entries?.firstIndex ?? -1);
    if (entries) this.#hash.bytes(entries.bytes);
    this.#hash.number(snapshot?.index ?? -1).number(snapshot?.term ?? -1);
    if (snapshot) this.#hash.bytes(snapshot.bytes);
  }

  #begin(tag: number): number {
    this.#count += 1;
    const time = this.#now();
    this.#hash.number(tag).number(time);
    return time;
  }

  #takeValue(value: StateValue): void {
    if (typeof value === 'string') {
      this.#hash.text(value);
      return;
    }
    // Regions come in no order that means anything.
    const states = Object.keys(value).sort();
    this.#hash.number(states.length);
    for (const state of states) {
      this.#hash.text(state);
      this.#takeValue(value[state] ?? '');
    }
  }
}
