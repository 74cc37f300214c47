import { expect } from 'chai';
import type { Storage } from '../../../machines/ports.ts';
import { block, errorOf, FaultyFiles, plain, stage, useWorkplace, write } from './segmentedLogFixture.ts';

describe('an error of the disk', () => {
  const workplace = useWorkplace();

  async function opened(): Promise<{ folder: string; files: FaultyFiles; storage: Storage }> {
    const folder = await workplace.folder();
    const files = new FaultyFiles();
    const storage = await workplace.open(folder, { files });
    await write(storage, { hardState: { term: 1, votedFor: 'n1' }, entries: block(1, 1, ['a']) });
    return { folder, files, storage };
  }

  /** Writes until it fails: what was asked of the background shows when it is needed. */
  async function firstError(storage: Storage, from: number): Promise<Error & { code?: string }> {
    for (let index = from; ; index += 1) {
      try {
        await write(storage, { entries: block(index, 1, [3000]) });
      } catch (error) {
        if (error instanceof Error) return error;
      }
    }
  }

  async function expectFinal(storage: Storage, files: FaultyFiles, error: Error): Promise<void> {
    const before = files.calls.length;
    expect(await errorOf(write(storage, { hardState: { term: 2, votedFor: null } }))).to.equal(error);
    expect(await errorOf(write(storage, { entries: block(2, 1, ['b']) }))).to.equal(error);
    expect(await errorOf(storage.stageSnapshot({ index: 1, term: 1 }).add(Buffer.from('s')))).to.equal(error);
    expect(files.calls.slice(before)).to.deep.equal([]);
  }

  it('in a write is final', async () => {
    const { files, storage } = await opened();
    files.failNext('writev', /log-0+1\.segment/, 'EIO');
    const error = await errorOf(write(storage, { entries: block(2, 1, ['b']) }));
    expect(error).to.include({ code: 'StorageFailed' });
    await expectFinal(storage, files, error);
  });

  it('in a sync is final: the sync is never tried again', async () => {
    const { files, storage } = await opened();
    files.failNext('fdatasync', /log-0+1\.segment/, 'EIO');
    const before = files.callsOf('fdatasync').length;
    const error = await errorOf(write(storage, { entries: block(2, 1, ['b']) }));
    expect(files.callsOf('fdatasync').length).to.equal(before + 1);
    await expectFinal(storage, files, error);
    await storage.close();
    expect(files.callsOf('fdatasync').length).to.equal(before + 1);
  });

  it('names the path and what to do', async () => {
    const { folder, files, storage } = await opened();
    files.failNext('writev', /log-0+1\.segment/, 'ENOSPC');
    const error = await errorOf(write(storage, { entries: block(2, 1, ['b']) }));
    expect(error).to.include({ code: 'StorageFailed', path: `${folder}/log-000000000001.segment` });
    expect(error.message).to.include('ENOSPC').and.include('Free space on its disk, then restart the node');
  });

  it('while the next segment is filled with zeros is final', async () => {
    const folder = await workplace.folder();
    const files = new FaultyFiles();
    files.failNext('writev', /log-0+3\.tmp/, 'ENOSPC');
    const storage = await workplace.open(folder, { files });
    const error = await firstError(storage, 1);
    expect(error).to.include({ code: 'StorageFailed' });
    expect(error.message).to.include('ENOSPC').and.include('log-000000000003.tmp');
    await expectFinal(storage, files, error);
  });

  for (const action of ['fsync', 'rename', 'open'] as const) {
    it(`while the next segment is made (${action}) is final`, async () => {
      const folder = await workplace.folder();
      const files = new FaultyFiles();
      files.failNext(action, /log-0+3\.tmp/, 'EIO');
      const storage = await workplace.open(folder, { files });
      const error = await firstError(storage, 1);
      expect(error.code).to.equal('StorageFailed');
      await expectFinal(storage, files, error);
      await storage.close();
      const reopened = await workplace.open(folder);
      expect(plain(reopened.recovered).entries.length).to.be.at.least(1);
    });
  }

  it('ends the making of the next segment, too', async () => {
    const files = new FaultyFiles();
    const storage = await workplace.open(await workplace.folder(), { files, segmentBytes: 8 * 1024 * 1024 });
    files.failNext('writev', /log-0+1\.segment/, 'EIO');
    await errorOf(write(storage, { entries: block(1, 1, ['a']) }));
    await storage.close();
    expect(files.callsOf('open').some((call) => call.includes('log-000000000002.tmp'))).to.equal(true);
    expect(files.callsOf('rename').some((call) => call.includes('log-000000000002.tmp'))).to.equal(false);
  });

  it('while a chunk of a snapshot is written is final', async () => {
    const { files, storage } = await opened();
    const staged = await stage(storage, { index: 1, term: 1 }, 'one');
    files.failNext('writev', /snapshot/, 'ENOSPC');
    const error = await errorOf(staged.add(Buffer.from('two')));
    expect(error.code).to.equal('StorageFailed');
    await expectFinal(storage, files, error);
  });

  for (const [action, file] of [
    ['writev', /snapshot/],
    ['fsync', /snapshot/],
    ['rename', /snapshot/],
    ['fsync', /segmented-log-[^/]*$/],
    ['writev', /log-0+1\.segment/],
    ['fdatasync', /log-0+1\.segment/],
  ] as const) {
    it(`while a snapshot becomes the one (${action} of ${file.source}) is final and leaves the old one`, async () => {
      const { folder, files, storage } = await opened();
      await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, 'old') });
      const staged = await stage(storage, { index: 5, term: 1 }, 'new');
      files.failNext(action, file, 'EIO');
      const error = await errorOf(write(storage, { snapshot: staged, entries: block(6, 1, ['f']) }));
      expect(error.code).to.equal('StorageFailed');
      await expectFinal(storage, files, error);
      expect(storage.snapshot()).to.include({ index: 1 });
      await storage.close();
      const { snapshot, entries } = plain((await workplace.open(folder)).recovered);
      // A record that was written and not synced may be there: then all of it.
      expect(entries).to.deep.equal(snapshot.index === 1 ? [] : ['6:1:f']);
      expect(snapshot.index).to.be.oneOf(action === 'fdatasync' ? [1, 5] : [1]);
    });
  }

  it('while an old file is removed is final', async () => {
    const folder = await workplace.folder();
    const files = new FaultyFiles();
    const storage = await workplace.open(folder, { files, spareSegmentsMax: 0 });
    for (const index of [1, 2, 3]) await write(storage, { entries: block(index, 1, [3000]) });
    files.failNext('unlink', /log-0+1\.segment/, 'EROFS');
    await write(storage, { snapshot: await stage(storage, { index: 3, term: 1 }, 's') });
    const error = await firstError(storage, 4);
    expect(error.message).to.include('remove').and.include('Make it writable');
    await expectFinal(storage, files, error);
  });

  it('does not keep the storage from being closed, nor the folder from being opened again', async () => {
    const { folder, files, storage } = await opened();
    files.failNext('fdatasync', /log-0+1\.segment/, 'EIO');
    await errorOf(write(storage, { entries: block(2, 1, ['b']) }));
    await storage.close();
    const reopened = await workplace.open(folder);
    expect(plain(reopened.recovered).entries).to.include('1:1:a');
  });

  it('in reading a snapshot is the reader’s alone', async () => {
    const { files, storage } = await opened();
    await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, 'state') });
    files.failNext('read', /snapshot/, 'EIO');
    const read = storage.snapshot()?.read(0, 5) ?? Promise.resolve();
    expect((await errorOf(read)).code).to.equal('StorageFailed');
    await write(storage, { entries: block(2, 1, ['b']) });
  });
});
