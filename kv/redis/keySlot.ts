/**
 * The hash slot of a key: CRC16 (XMODEM) of the key, or of its {tag}, as clients of a Redis cluster compute it.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
 */

export const slots = 16_384;

const polynomial = 0x1021;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ polynomial : crc << 1;
  return crc & 0xffff;
});

export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ byte] ?? 0);
  return crc;
}

/** What stands between the first `{` and the next `}` is hashed alone, unless it is empty: such keys share a slot. */
export function keySlot(key: Uint8Array): number {
  const open = key.indexOf(openBrace);
  const close = open < 0 ? -1 : key.indexOf(closeBrace, open + 1);
  const hashed = close > open + 1 ? key.subarray(open + 1, close) : key;
  return crc16(hashed) & (slots - 1);
}
