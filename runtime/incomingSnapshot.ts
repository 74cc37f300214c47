/** A snapshot of the leader on its way in: chunks in order, each once (paper, section 7). */
import type { InstallSnapshotRequest } from '../machines/messages.ts';
import type { StagedSnapshot, Storage } from '../machines/ports.ts';

export interface StagedChunk {
  readonly snapshot: StagedSnapshot;
  /** The next byte that is missing. */
  readonly offset: number;
  /** That was the last one. */
  readonly done: boolean;
}

export class IncomingSnapshot {
  /** What has come in so far; undefined between snapshots. */
  staged: StagedSnapshot | undefined;
  readonly #storage: Storage;
  #isBusy = false;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** A chunk is being taken. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Takes the chunk if it is the next one; tells either way which byte is missing. A disk's error is the caller's. */
  async take(request: InstallSnapshotRequest): Promise<StagedChunk> {
    const { lastIncludedIndex: index, lastIncludedTerm: term, offset, data, done } = request;
    const snapshot = this.#stage(index, term);
    // A repetition of the chunk that is being taken is no second one.
    const isNext = snapshot.size === offset && !this.#isBusy;
    if (isNext) {
      this.#isBusy = true;
      try {
        await snapshot.add(data);
      } finally {
        this.#isBusy = false;
      }
    }
    // Another snapshot may have taken its place meanwhile, and discarded it.
    const isDone = isNext && done && this.staged === snapshot;
    if (isDone) this.staged = undefined;
    return { snapshot, offset: snapshot.size, done: isDone };
  }

  #stage(index: number, term: number): StagedSnapshot {
    if (this.staged?.index !== index || this.staged.term !== term) {
      this.staged?.discard();
      this.staged = this.#storage.stageSnapshot({ index, term });
    }
    return this.staged;
  }
}
