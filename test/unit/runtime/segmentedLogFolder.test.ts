import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { openSegmentedLog } from '../../../runtime/storage/segmentedLog/openSegmentedLog.ts';
import { block, errorOf, FaultyFiles, identity, plain, useWorkplace, write } from './segmentedLogFixture.ts';

describe('the data folder of the segmented log', () => {
  const workplace = useWorkplace();

  it('says in plain text whose it is', async () => {
    const folder = await workplace.folder();
    await workplace.open(folder);
    const content = JSON.parse((await readFile(path.join(folder, 'identity.json'))).toString());
    expect(content).to.deep.equal({ format: 1, clusterId: 'cluster-a', nodeId: 'n1', group: 0 });
  });

  it('is refused to another node, cluster or group, and both are named', async () => {
    const folder = await workplace.folder();
    await (await workplace.open(folder)).close();
    const others = [
      { ...identity, nodeId: 'n2' },
      { ...identity, clusterId: 'cluster-b' },
      { ...identity, group: 3 },
    ];
    for (const other of others) {
      const error = await errorOf(openSegmentedLog(folder, other));
      expect(error.code).to.equal('ForeignDataFolder');
      expect(error.message).to.include('node "n1" of cluster "cluster-a", group 0');
      expect(error.message).to.include(`node "${other.nodeId}" of cluster "${other.clusterId}"`);
    }
    await workplace.open(folder);
  });

  it('is called foreign even while its owner runs', async () => {
    const folder = await workplace.folder();
    await workplace.open(folder);
    const error = await errorOf(openSegmentedLog(folder, { ...identity, nodeId: 'n2' }));
    expect(error.code).to.equal('ForeignDataFolder');
  });

  it('is refused if its identity cannot be read', async () => {
    const folder = await workplace.folder();
    await (await workplace.open(folder)).close();
    for (const text of ['', '{"format":1', '[]', '{"format":1,"clusterId":"cluster-a"}', 'null']) {
      await writeFile(path.join(folder, 'identity.json'), text);
      const error = await errorOf(workplace.open(folder));
      expect(error, text).to.include({ code: 'CorruptLog', path: path.join(folder, 'identity.json') });
    }
  });

  it('is made anew if its first use did not get to its end', async () => {
    const folder = await workplace.folder();
    await (await workplace.open(folder)).close();
    await unlink(path.join(folder, 'identity.json'));
    for (const name of await readdir(folder)) {
      if (name.endsWith('2.segment')) await unlink(path.join(folder, name));
    }
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a']) });
    await storage.close();
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['1:1:a']);
  });

  it('is used by one at a time, also within one process', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const error = await errorOf(workplace.open(folder));
    expect(error).to.include({ code: 'DataFolderInUse', pid: process.pid, path: folder });
    expect(error.message).to.include(`process ${process.pid}`);
    await storage.close();
    await workplace.open(folder);
  });

  it('is refused while another process has it, and free when that one was killed', async () => {
    const folder = await workplace.folder();
    await (await workplace.open(folder)).close();
    const module = new URL('../../../runtime/storage/segmentedLog/openSegmentedLog.ts', import.meta.url).href;
    const script = `
      const { openSegmentedLog } = await import(${JSON.stringify(module)});
      await openSegmentedLog(${JSON.stringify(folder)}, ${JSON.stringify(identity)});
      console.log('open');
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      expect(await errorOf(workplace.open(folder))).to.include({ code: 'DataFolderInUse', pid: child.pid });
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await workplace.open(folder);
  });

  it('is free if its holder is gone, even if another process has got its id', async () => {
    const folder = await workplace.folder();
    await (await workplace.open(folder)).close();
    for (const holder of [`${process.pid}.another-boot-1`, '1.another-boot-1', '4194305.this-boot-1']) {
      await writeFile(path.join(folder, `lock.${holder}.0123456789abcdef`), '');
      await (await workplace.open(folder)).close();
      expect((await readdir(folder)).filter((name) => name.startsWith('lock'))).to.deep.equal([]);
    }
  });

  it('is never given to two of many that try at once', async () => {
    const folder = await workplace.folder();
    await (await workplace.open(folder)).close();
    await writeFile(path.join(folder, 'lock.1.another-boot-1.0123456789abcdef'), '');
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => workplace.open(folder)));
    expect(tries.filter(({ status }) => status === 'fulfilled').length).to.be.at.most(1);
    for (const result of tries) {
      if (result.status === 'rejected') expect(result.reason.code).to.equal('DataFolderInUse');
    }
    await workplace.closeAll();
    await workplace.open(folder);
  });

  it('is free again after it could not be opened', async () => {
    const folder = await workplace.folder();
    await (await workplace.open(folder)).close();
    const files = new FaultyFiles();
    files.failNext('read', /segment$/, 'EIO');
    expect((await errorOf(workplace.open(folder, { files }))).code).to.equal('StorageFailed');
    await workplace.open(folder);
  });

  it('is refused under a name that no record can carry', async () => {
    const folder = await workplace.folder();
    for (const wrong of [
      { ...identity, nodeId: 'n'.repeat(256) },
      { ...identity, clusterId: 'ü'.repeat(128) },
      { ...identity, group: 65_536 },
      { ...identity, group: -1 },
    ]) {
      expect((await errorOf(openSegmentedLog(folder, wrong))).code).to.equal('StorageMisused');
    }
  });

  it('is made with the folders above it, each of them durable in the one above', async () => {
    const root = await workplace.folder();
    const files = new FaultyFiles();
    await workplace.open(path.join(root, 'above', 'data'), { files });
    const above = [`fsync ${root}/above`, `fsync ${root}`];
    expect(files.callsOf('fsync').filter((call) => above.includes(call))).to.deep.equal(above);
  });

  it('may be a relative path', async () => {
    const folder = await workplace.folder();
    await workplace.open(path.relative(process.cwd(), folder));
    expect(await readdir(folder)).to.include('identity.json');
  });
});
