/** Arguments are bytes; those that name an option or a number are read as text. */

export function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** An option or a subcommand: case makes no difference. */
export function wordOf(bytes: Uint8Array | undefined): string {
  return textOf(bytes).toLowerCase();
}
