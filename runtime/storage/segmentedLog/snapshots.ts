/** The snapshots of a folder: the durable one, those being staged, and those that were replaced. */
import type { SnapshotId, StagedSnapshot, StoredSnapshot } from '../../../machines/ports.ts';
import type { Background } from './background.ts';
import type { DiskFolder } from './diskFolder.ts';
import { SnapshotReplaced, StorageMisused } from './errors.ts';
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
  /** Settles when the files of replaced snapshots are closed. */
  #retiring: Promise<unknown> = Promise.resolve();

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

  get current(): StoredSnapshot | undefined {
    return this.#current;
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
    const closed = old.retire(new SnapshotReplaced(this.#folder.pathOf(snapshotName(old))));
    this.#retiring = Promise.allSettled([this.#retiring, closed]);
    this.#background.start(async () => {
      await closed;
      await this.#folder.unlink(snapshotName(old));
    });
  }

  /** Closes all files once nothing is under way on them. */
  async close(reason: Error): Promise<void> {
    await this.#retiring;
    for (const stage of this.#stages) await stage.close();
    await this.#current?.retire(reason);
    await this.#incoming?.retire(reason);
  }
}
