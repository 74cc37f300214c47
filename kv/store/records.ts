/**
 * The records of all keys, in pages. A record is written once; what is overwritten or deleted leaves a hole, and where holes
 * make up too much of the memory, the records of the emptiest page move together, a few with each write: no write waits for
 * long. A page that nobody needs any more is not written to again: an item may still look at it.
 */
import { Item } from './item.ts';
import { type RecordFields, RecordPage, recordSize, Word } from './recordPage.ts';

const pageBytes = 256 * 1024;
/** An address is a page's number and a place in it, in units of 8 bytes: 32 bits reach 32 GiB. */
const placeBits = 15;
const pagesMax = 2 ** (32 - placeBits);
const placeMask = 2 ** placeBits - 1;
/** A longer record has a page of its own, which is given back the moment it is deleted. */
const sharedRecordBytesMax = pageBytes / 8;
/** The value of a longer record stays where it is, if it makes up more than this part of the memory that it keeps alive. */
const keptPart = 0.5;
/** Holes may take as much as this part of what is live, and two pages. */
const holesPart = 0.25;
/** Records that a write moves at most: more than it leaves holes. */
const movedPerWriteMax = 8;
/** In place of the next record of a chain: the record is no more. */
const gone = 0xffffffff;

/** Tells that a record is somewhere else now. */
export type Moved = (from: number, to: number, hash: number) => void;

interface Emptying {
  readonly number: number;
  readonly page: RecordPage;
  offset: number;
}

export class Records {
  /** By number; 0 is no page, so that 0 is no address. */
  readonly #pages: (RecordPage | undefined)[] = [undefined];
  readonly #freeNumbers: number[] = [];
  /** The number of the page that new records go to; 0: none yet. */
  #open = 0;
  #size = 0;
  #live = 0;
  /** The page whose records are moving out, and the next of them. */
  #emptying: Emptying | undefined;
  readonly #moved: Moved;

  constructor(moved: Moved) {
    this.#moved = moved;
  }

  /** Of all pages. */
  get byteLength(): number {
    return this.#size;
  }

  item(address: number): Item {
    return new Item(this.#page(address), offsetIn(address));
  }

  next(address: number): number {
    return this.#page(address).word(offsetIn(address), Word.next);
  }

  setNext(address: number, next: number): void {
    this.#page(address).words[(offsetIn(address) >>> 2) + Word.next] = next;
  }

  hash(address: number): number {
    return this.#page(address).word(offsetIn(address), Word.hash);
  }

  isOf(address: number, key: string, hash: number): boolean {
    return this.#page(address).isOf(offsetIn(address), key, hash);
  }

  /** Writes a record, which is in no chain yet; its address. A long value may be kept, and must not change any more. */
  add(key: string, hash: number, value: Uint8Array, fields: RecordFields): number {
    const expires = fields.deadline !== undefined;
    const size = recordSize(key.length, value.byteLength, expires);
    const stays = size > sharedRecordBytesMax && value.byteLength > value.buffer.byteLength * keptPart;
    const address = stays
      ? this.#ownPage(new RecordPage(recordSize(key.length, 0, expires), value))
      : this.#room(size);
    this.#page(address).write(offsetIn(address), key, hash, value, fields);
    return address;
  }

  /** Gives back a record that has left its chain. */
  free(address: number): void {
    const page = this.#page(address);
    const size = page.recordBytes(offsetIn(address));
    this.setNext(address, gone);
    page.live -= size;
    this.#live -= size;
    const number = address >>> placeBits;
    if (page.live === 0 && number !== this.#open) this.#drop(number, page);
  }

  /** Closes some holes, if there are too many; to be called once with each write. */
  tidy(): void {
    if (this.#size - this.#live <= this.#live * holesPart + 2 * pageBytes) return;
    this.#emptying ??= this.#emptiest();
    const emptying = this.#emptying;
    const { number, page } = emptying;
    for (let moved = 0; moved < movedPerWriteMax && emptying.offset < page.filled; moved += 1) {
      const { offset } = emptying;
      emptying.offset += page.recordBytes(offset);
      if (page.word(offset, Word.next) !== gone) this.#move(number, page, offset);
    }
  }

  #move(number: number, page: RecordPage, offset: number): void {
    const address = addressOf(number, offset);
    const size = page.recordBytes(offset);
    const to = this.#room(size);
    this.#page(to).bytes.set(page.bytes.subarray(offset, offset + size), offsetIn(to));
    this.#moved(address, to, page.word(offset, Word.hash));
    this.free(address);
  }

  /** The page, besides the open one, with the most holes. There is one, or there would not be too many. */
  #emptiest(): Emptying {
    let found: Emptying | undefined;
    for (let number = 1; number < this.#pages.length; number += 1) {
      const page = this.#pages[number];
      if (!page || number === this.#open || page.farValue) continue;
      if (!found || holes(page) > holes(found.page)) found = { number, page, offset: 0 };
    }
    if (!found) throw new Error('The store has no page to empty.');
    return found;
  }

  /** Takes room for a record of `size` bytes; its address. */
  #room(size: number): number {
    if (size > sharedRecordBytesMax) return this.#ownPage(new RecordPage(size));
    this.#live += size;
    let page = this.#pages[this.#open];
    if (!page || page.filled + size > pageBytes) {
      const full = this.#open;
      this.#open = this.#addPage(new RecordPage(pageBytes));
      if (page?.live === 0) this.#drop(full, page);
      page = this.#pages[this.#open] as RecordPage;
    }
    const offset = page.filled;
    page.filled += size;
    page.live += size;
    return addressOf(this.#open, offset);
  }

  /** A page for one record; the record's address. */
  #ownPage(page: RecordPage): number {
    const number = this.#addPage(page);
    page.filled = page.size;
    page.live = page.size;
    this.#live += page.size;
    return addressOf(number, 0);
  }

  #addPage(page: RecordPage): number {
    const number = this.#freeNumbers.pop() ?? this.#pages.length;
    if (number >= pagesMax) {
      throw new Error(
        `The keys take ${this.#size} bytes, and the store holds no more: delete some, or split them.`,
      );
    }
    this.#pages[number] = page;
    this.#size += page.size;
    return number;
  }

  #drop(number: number, page: RecordPage): void {
    if (this.#emptying?.number === number) this.#emptying = undefined;
    this.#pages[number] = undefined;
    this.#freeNumbers.push(number);
    this.#size -= page.size;
  }

  #page(address: number): RecordPage {
    // Whoever has an address has it of a record that is there.
    return this.#pages[address >>> placeBits] as RecordPage;
  }
}

function holes(page: RecordPage): number {
  return page.filled - page.live;
}

function offsetIn(address: number): number {
  return (address & placeMask) << 3;
}

function addressOf(number: number, offset: number): number {
  return ((number << placeBits) | (offset >>> 3)) >>> 0;
}
