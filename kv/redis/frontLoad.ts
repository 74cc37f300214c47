/** What all clients of a front hold of its memory together. */
export class FrontLoad {
  /** Bytes of commands that wait for their turn. */
  queuedBytes = 0;
  /** Bytes of transactions that are still being said, and of keys that are watched. */
  transactionBytes = 0;
  /** Names of the channels and patterns that are subscribed to, and what each takes besides. */
  subscribedBytes = 0;
  /** Bytes of replies that the clients have not taken. */
  unsentBytes = 0;
}
