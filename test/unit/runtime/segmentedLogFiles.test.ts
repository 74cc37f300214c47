import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { nodeFiles } from '../../../runtime/storage/segmentedLog/files.ts';
import { loopWriteBytesMax, syncsJudged } from '../../../runtime/storage/segmentedLog/storageLimits.ts';

describe('The file system of the log', () => {
  let folder: string;
  let fd: number;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'segmented-log-files-'));
    fd = openSync(path.join(folder, 'file'), 'w');
  });

  afterEach(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  /** Settles with whether the sync was over before the call returned. */
  function syncedAtOnce(bytes: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let hasReturned = false;
      nodeFiles.fdatasync(fd, bytes, (error) => (error ? reject(error) : resolve(!hasReturned)));
      hasReturned = true;
    });
  }

  /** Nothing was written, so that a sync is quick on any disk. */
  async function untilAtOnce(bytes: number): Promise<boolean> {
    for (let syncs = 0; syncs < 4 * syncsJudged; syncs += 1) if (await syncedAtOnce(bytes)) return true;
    return false;
  }

  it('syncs little on the event loop once the disk has shown to be quick, and much never', async () => {
    expect(await untilAtOnce(loopWriteBytesMax)).to.equal(true);
    expect(await untilAtOnce(loopWriteBytesMax + 1)).to.equal(false);
  });

  it('says why a sync failed, on the event loop too', async () => {
    const noFile = 2 ** 30;
    await untilAtOnce(1);
    const error = await new Promise((resolve) => {
      nodeFiles.fdatasync(noFile, 1, resolve);
    });
    expect(error).to.be.an('error').with.property('code', 'EBADF');
  });
});
