/** Whole numbers as Redis has them: 64 bits, in decimal, without a plus sign or leading zeros. */
import { KvError } from './operation.ts';
import { asBuffer } from './wire.ts';

export const notAnInteger = new KvError('ERR', 'value is not an integer or out of range');

/** Undefined: no whole number of 64 bits, or not written as Redis wants it. */
export function integerFrom(bytes: Uint8Array | undefined): bigint | undefined {
  const text = bytes === undefined || bytes.byteLength > 20 ? '' : asBuffer(bytes).toString('latin1');
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return undefined;
  const value = BigInt(text);
  return fitsInteger(value) ? value : undefined;
}

export function fitsInteger(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** As a reply: a number wherever one holds it exactly. */
export function integerReply(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
