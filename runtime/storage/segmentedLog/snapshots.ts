/** The snapshots of a folder: the durable one, those being staged, and those that were replaced and are still held. */
import type { SnapshotId, StagedSnapshot, StoredSnapshot } from '../../../machines/ports.ts';
import type { Background } from './background.ts';
import type { DiskFolder } from './diskFolder.ts';
import { StorageMisused } from './errors.ts';
import { snapshotName } from './fileNames.ts';
import type { SnapshotReader } from './snapshotReader.ts';
import { SnapshotStage } from './snapshotStage.ts';

export class Snapshots {
  readonly #folder: DiskFolder;
  readonly #group: number;
  readonly #background: Background;
  readonly #stages = new Set<SnapshotStage>();
  #stagedCount = 0;
  #current: SnapshotReader | undefined;
  /** Durable, but not yet referred to by the log. */
  #incoming: SnapshotReader | undefined;
  /** Not closed yet. */
  readonly #replaced = new Set<SnapshotReader>();

  constructor(
    folder: DiskFolder,
    group: number,
    background: Background,
    current: SnapshotReader | undefined,
  ) {
    this.#folder = folder;
    this.#group = group;
    this.#background = background;
    this.#current = current;
  }

  /** Takes hold of the durable one. */
  hold(): StoredSnapshot | undefined {
    return this.#current?.hold();
  }
  get incoming(): SnapshotId | undefined {
    return this.#incoming;
  }

  stage(id: SnapshotId): StagedSnapshot {
    this.#stagedCount += 1;
    const stage = new SnapshotStage(this.#folder, id, this.#group, this.#stagedCount, this.#background, () =>
      this.#background.start(async () => {
        await stage.remove();
        this.#stages.delete(stage);
      }),
    );
    this.#stages.add(stage);
    return stage;
  }

  /**
   * Makes a staged snapshot durable; it is the incoming one then.
   * @throws StorageMisused, StorageFailed
   */
  async seal(staged: StagedSnapshot): Promise<void> {
    if (!(staged instanceof SnapshotStage && this.#stages.has(staged))) {
      throw new StorageMisused('A snapshot is staged by the storage that is to keep it, and written once.');
    }
    this.#incoming = await staged.seal();
    this.#stages.delete(staged);
  }

  /** The log refers to the incoming snapshot: it replaces the one before. */
  promote(): void {
    const old = this.#current;
    this.#current = this.#incoming;
    this.#incoming = undefined;
    if (!old) return;
    // The name goes at once, so that no crash leaves it behind; the file itself goes with its last holder.
    this.#background.start(() => this.#folder.unlink(snapshotName(old)));
    this.#replaced.add(old);
    old
      .closeWhenFree()
      .catch((error) => this.#background.stop(error))
      .then(() => this.#replaced.delete(old));
  }

  /** Closes all files once nothing is under way on them. */
  async close(reason: Error): Promise<void> {
    for (const stage of this.#stages) await stage.close();
    for (const reader of this.#replaced) await reader.retire(reason);
    await this.#current?.retire(reason);
    await this.#incoming?.retire(reason);
  }
}
