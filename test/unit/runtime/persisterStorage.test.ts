/** A lab persister as a storage, also one that takes its time to save. */
import { expect } from 'chai';
import { MemoryPersister, type Persister } from '../../../runtime/storage/persister.ts';
import { persisterStorage } from '../../../runtime/storage/persisterStorage.ts';
import { block } from './nodeHarness.ts';

/** Saves when the test says so. */
class SlowPersister implements Persister {
  readonly #saved = new MemoryPersister();
  finish: () => void = () => {};
  readRaftState = () => this.#saved.readRaftState();
  readSnapshot = () => this.#saved.readSnapshot();
  raftStateSize = () => this.#saved.raftStateSize();
  save(state: Uint8Array, snapshot?: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.finish = () => {
        this.#saved.save(state, snapshot);
        resolve();
      };
    });
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('persister storage', () => {
  it('names a snapshot only once its bytes are saved', async () => {
    const persister = new SlowPersister();
    const storage = persisterStorage(persister);
    const staged = storage.stageSnapshot({ index: 3, term: 1 });
    await staged.add(Uint8Array.of(1, 2, 3));
    let done = false;
    storage.write({ snapshot: staged, entries: block(4, [1]) }, () => {
      done = true;
    });
    await turn();
    expect(storage.snapshot(), 'a snapshot whose bytes are not there yet').to.equal(undefined);
    expect(done).to.equal(false);
    persister.finish();
    await turn();
    expect(done).to.equal(true);
    const stored = storage.snapshot();
    expect(stored).to.include({ index: 3, term: 1, size: 3 });
    expect([...((await stored?.read(0, 3)) ?? [])]).to.deep.equal([1, 2, 3]);
  });

  it('gives everything back to the next storage', async () => {
    const persister = new MemoryPersister();
    const storage = persisterStorage(persister);
    const hardState = { term: 7, votedFor: 'n2' };
    await new Promise((resolve) => storage.write({ hardState, entries: block(1, [5, 6, 6]) }, resolve));
    const behind = { furtherEntries: [block(4, [7]), block(5, [7, 8])] };
    await new Promise((resolve) =>
      storage.write({ truncateFrom: 3, entries: block(3, [7]), ...behind }, resolve),
    );
    const { recovered } = persisterStorage(persister.copy());
    expect(recovered).to.include({ term: 7, votedFor: 'n2' });
    expect(recovered.entries.map(({ firstIndex, count }) => [firstIndex, count])).to.deep.equal([[1, 6]]);
  });

  it('refuses a state that it did not write, by name', () => {
    const persister = new MemoryPersister();
    persister.save(Uint8Array.of(9, 9, 9));
    expect(() => persisterStorage(persister)).to.throw(
      'The persisted state (3 bytes, format 9) is not of format 1',
    );
  });
});
