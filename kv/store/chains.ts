/**
 * Finds records by the hash of their key. Records of like hashes stand in a chain; the heads of the chains stand in the
 * order of the hashes, which never changes. A chain is short: where there are more records than heads, the heads double, for
 * one 256th of the hashes at a time, so that no write waits for long.
 */
import type { Records } from './records.ts';

const segmentBits = 8;
const segmentCount = 2 ** segmentBits;
const headBitsFirst = 4;
/** Of 256 segments: a billion keys in chains of 64. */
const headBitsMax = 16;
/** A place is told by the first 16 bits of a hash. */
const placeBits = 16;
export const placeCount = 2 ** placeBits;

export function placeOf(hash: number): number {
  return hash >>> (32 - placeBits);
}

function firstHashAt(place: number): number {
  return (place << (32 - placeBits)) >>> 0;
}

interface Segment {
  bits: number;
  heads: Uint32Array;
  records: number;
}

export class Chains {
  readonly #records: Records;
  readonly #segments: (Segment | undefined)[] = new Array(segmentCount);

  constructor(records: Records) {
    this.#records = records;
  }

  /** The record of this key; 0: there is none. */
  find(key: string, hash: number): number {
    const segment = this.#segments[hash >>> (32 - segmentBits)];
    if (!segment) return 0;
    let address = segment.heads[slotOf(hash, segment.bits)] ?? 0;
    while (address !== 0 && !this.#records.isOf(address, key, hash)) address = this.#records.next(address);
    return address;
  }

  add(address: number, hash: number): void {
    const place = hash >>> (32 - segmentBits);
    let segment = this.#segments[place];
    if (!segment) {
      segment = { bits: headBitsFirst, heads: new Uint32Array(2 ** headBitsFirst), records: 0 };
      this.#segments[place] = segment;
    }
    segment.records += 1;
    if (segment.records > segment.heads.length && segment.bits < headBitsMax) this.#double(segment);
    this.#prepend(segment, address, hash);
  }

  remove(address: number, hash: number): void {
    const segment = this.#segments[hash >>> (32 - segmentBits)];
    if (!segment) return;
    segment.records -= 1;
    this.#relink(segment, address, hash, this.#records.next(address));
  }

  /** A record, with all that stood in it, is somewhere else now. */
  move(from: number, to: number, hash: number): void {
    const segment = this.#segments[hash >>> (32 - segmentBits)];
    if (segment) this.#relink(segment, from, hash, to);
  }

  /** The first place at or behind this one that has records; undefined: none has. */
  placeFrom(place: number): number | undefined {
    for (let at = place >>> (placeBits - segmentBits), from = place; at < segmentCount; at += 1, from = 0) {
      const found = this.#placeIn(this.#segments[at], from);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The records at a place. */
  recordsAt(place: number): number[] {
    const found: number[] = [];
    const segment = this.#segments[place >>> (placeBits - segmentBits)];
    if (!segment) return found;
    const { bits, heads } = segment;
    const first = slotOf(firstHashAt(place), bits);
    const slots = 2 ** Math.max(0, bits - (placeBits - segmentBits));
    for (let slot = first; slot < first + slots; slot += 1) {
      for (let address = heads[slot] ?? 0; address !== 0; address = this.#records.next(address)) {
        if (placeOf(this.#records.hash(address)) === place) found.push(address);
      }
    }
    return found;
  }

  /** The first place of a segment, at or behind this one, that has records. Slots and places are in one order. */
  #placeIn(segment: Segment | undefined, from: number): number | undefined {
    if (!segment || segment.records === 0) return undefined;
    const { bits, heads } = segment;
    for (let slot = slotOf(firstHashAt(from), bits); slot < heads.length; slot += 1) {
      let found = placeCount;
      for (let address = heads[slot] ?? 0; address !== 0; address = this.#records.next(address)) {
        const place = placeOf(this.#records.hash(address));
        if (place >= from && place < found) found = place;
      }
      if (found < placeCount) return found;
    }
    return undefined;
  }

  #double(segment: Segment): void {
    const { heads } = segment;
    segment.bits += 1;
    segment.heads = new Uint32Array(2 ** segment.bits);
    for (const head of heads) {
      for (let address = head; address !== 0; ) {
        const next = this.#records.next(address);
        this.#prepend(segment, address, this.#records.hash(address));
        address = next;
      }
    }
  }

  #prepend({ heads, bits }: Segment, address: number, hash: number): void {
    const slot = slotOf(hash, bits);
    this.#records.setNext(address, heads[slot] ?? 0);
    heads[slot] = address;
  }

  /** What led to one record leads to another. */
  #relink({ heads, bits }: Segment, from: number, hash: number, to: number): void {
    const slot = slotOf(hash, bits);
    let at = heads[slot] ?? 0;
    if (at === from) {
      heads[slot] = to;
      return;
    }
    for (let next = this.#records.next(at); next !== from; next = this.#records.next(at)) at = next;
    this.#records.setNext(at, to);
  }
}

/** By the bits behind those that tell the segment. */
function slotOf(hash: number, bits: number): number {
  return (hash << segmentBits) >>> (32 - bits);
}
