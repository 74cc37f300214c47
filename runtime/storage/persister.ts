/** The persister of the labs: state and snapshot as two byte arrays, saved together. */
export interface Persister {
  /** Empty before the first save. */
  readRaftState(): Uint8Array;
  /** Later saves leave these bytes as they are: a transfer may still be reading them. */
  readSnapshot(): Uint8Array;
  /** Both, or the state alone, in one step; durable when it returns, or when the promise that it returns settles. */
  save(state: Uint8Array, snapshot?: Uint8Array): void | Promise<void>;
  /** bytes */
  raftStateSize(): number;
}

/** A persister that outlives its node in the memory of a test. */
export class MemoryPersister implements Persister {
  #state = new Uint8Array(0);
  #snapshot = new Uint8Array(0);

  readRaftState(): Uint8Array {
    return this.#state;
  }
  readSnapshot(): Uint8Array {
    return this.#snapshot;
  }
  save(state: Uint8Array, snapshot?: Uint8Array): void {
    this.#state = Uint8Array.from(state);
    if (snapshot) this.#snapshot = Uint8Array.from(snapshot);
  }
  /** bytes */
  raftStateSize(): number {
    return this.#state.byteLength;
  }
  /** bytes */
  snapshotSize(): number {
    return this.#snapshot.byteLength;
  }
  /** What is persisted now, untouched by later saves of this one: what a crash leaves behind. */
  copy(): MemoryPersister {
    const copy = new MemoryPersister();
    copy.save(this.#state, this.#snapshot);
    return copy;
  }
}
