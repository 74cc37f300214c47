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

/** What has come in so far. */
export interface Incoming {
  readonly staged: StagedSnapshot;
  /** Whose it is: another leader may write the same state in other bytes. */
  readonly leaderTerm: number;
}

export class IncomingSnapshot {
  /** Undefined between snapshots. */
  incoming: Incoming | undefined;
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
    const { offset, data, done } = request;
    const snapshot = this.#stage(request);
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
    const isDone = isNext && done && this.incoming?.staged === snapshot;
    if (isDone) this.incoming = undefined;
    return { snapshot, offset: snapshot.size, done: isDone };
  }

  #stage({ term: leaderTerm, lastIncludedIndex: index, lastIncludedTerm: term }: InstallSnapshotRequest) {
    const { incoming } = this;
    const { staged } = incoming ?? {};
    if (staged?.index === index && staged.term === term && incoming?.leaderTerm === leaderTerm) return staged;
    staged?.discard();
    const anew = this.#storage.stageSnapshot({ index, term });
    this.incoming = { staged: anew, leaderTerm };
    return anew;
  }
}
