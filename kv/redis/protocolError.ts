/** The bytes that came in are no commands; the stream cannot be read any further. */
export class ProtocolError extends Error {
  readonly code = 'ProtocolError';
  override readonly name = 'ProtocolError';

  /** `complaint` as Redis words it. */
  constructor(complaint: string) {
    super(`Protocol error: ${complaint}`);
  }
}
