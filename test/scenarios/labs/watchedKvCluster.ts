/** A cluster of the key/value service whose persisted state is looked at whenever a server saves it. */
import { KvCluster, type KvClusterOptions, MemoryPersister } from 'xstate-raft/testing';

/** The largest of any server so far, bytes. */
interface Sizes {
  raftState: number;
  snapshot: number;
}

export class WatchedKvCluster extends KvCluster {
  readonly largest: Readonly<Sizes>;
  readonly takesSnapshots: boolean;

  constructor(size: number, options: KvClusterOptions & { readonly maxRaftState: number }) {
    const largest: Sizes = { raftState: 0, snapshot: 0 };
    super(size, { ...options, makePersister: () => new WatchedPersister(largest) });
    this.largest = largest;
    this.takesSnapshots = options.maxRaftState >= 0;
  }
}

class WatchedPersister extends MemoryPersister {
  readonly #largest: Sizes;

  constructor(largest: Sizes) {
    super();
    this.#largest = largest;
  }

  override save(state: Uint8Array, snapshot?: Uint8Array): void {
    super.save(state, snapshot);
    this.#largest.raftState = Math.max(this.#largest.raftState, this.raftStateSize());
    this.#largest.snapshot = Math.max(this.#largest.snapshot, this.snapshotSize());
  }

  override copy(): MemoryPersister {
    const copy = new WatchedPersister(this.#largest);
    copy.save(this.readRaftState(), this.readSnapshot());
    return copy;
  }
}
