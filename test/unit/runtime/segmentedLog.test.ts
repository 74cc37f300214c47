import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { entryHeaderBytes } from '../../../machines/entry.ts';
import {
  block,
  errorOf,
  FaultyFiles,
  plain,
  recordsOf,
  segmentBytes,
  segmentsOf,
  stage,
  useWorkplace,
  write,
} from './segmentedLogFixture.ts';

describe('the segmented log', () => {
  const workplace = useWorkplace();

  it('is empty in a folder that it has made', async () => {
    const folder = `${await workplace.folder()}/not/there`;
    const storage = await workplace.open(folder);
    expect(plain(storage.recovered)).to.deep.equal({
      term: 0,
      votedFor: null,
      snapshot: { index: 0, term: 0 },
      entries: [],
    });
    expect(storage.snapshot()).to.equal(undefined);
  });

  it('finds after a restart what was written', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { hardState: { term: 3, votedFor: 'n2' } });
    await write(storage, { entries: block(1, 3, ['a', '', 'c']) });
    await write(storage, { hardState: { term: 4, votedFor: null }, entries: block(4, 4, ['d']) });
    await storage.close();
    const reopened = await workplace.open(folder);
    expect(plain(reopened.recovered)).to.deep.equal({
      term: 4,
      votedFor: null,
      snapshot: { index: 0, term: 0 },
      entries: ['1:3:a', '2:3:', '3:3:c', '4:4:d'],
    });
  });

  it('keeps the bytes of the entries exactly as they were given', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const first = block(1, 1, ['one', 'two']);
    const second = block(3, 2, ['three']);
    await write(storage, { entries: first });
    await write(storage, { entries: second });
    await storage.close();
    const { entries } = (await workplace.open(folder)).recovered;
    const bytes = Buffer.concat(entries.map((each) => each.bytes));
    expect(bytes.equals(Buffer.concat([first.bytes, second.bytes]))).to.equal(true);
  });

  it('writes entries that lie apart in memory as one record', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const blocks = [block(1, 1, ['one', 'two']), block(3, 1, ['three']), block(4, 2, ['four', 'five'])];
    const [entries = block(1, 1, []), ...furtherEntries] = blocks;
    await write(storage, { entries, furtherEntries });
    await storage.close();
    const [segment = ''] = await segmentsOf(folder);
    expect(recordsOf(await readFile(segment))).to.have.length(2);
    const { recovered } = await workplace.open(folder);
    expect(plain(recovered).entries).to.deep.equal([
      '1:1:one',
      '2:1:two',
      '3:1:three',
      '4:2:four',
      '5:2:five',
    ]);
    expect(
      Buffer.concat(recovered.entries.map(({ bytes }) => bytes)).equals(
        Buffer.concat(blocks.map(({ bytes }) => bytes)),
      ),
    ).to.equal(true);
  });

  it('tells a vote for a node whose name is not ASCII from no vote', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { hardState: { term: 7, votedFor: 'knoten-ü' } });
    await storage.close();
    const reopened = await workplace.open(folder);
    expect(reopened.recovered.votedFor).to.equal('knoten-ü');
    await write(reopened, { hardState: { term: 8, votedFor: '' } });
    await reopened.close();
    expect((await workplace.open(folder)).recovered.votedFor).to.equal('');
  });

  it('truncates before it appends within one group', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a', 'b', 'c', 'd']) });
    await write(storage, { truncateFrom: 3, entries: block(3, 2, ['C']) });
    await storage.close();
    const reopened = await workplace.open(folder);
    expect(plain(reopened.recovered).entries).to.deep.equal(['1:1:a', '2:1:b', '3:2:C']);
  });

  it('writes a group as one write and one sync', async () => {
    const files = new FaultyFiles();
    const storage = await workplace.open(await workplace.folder(), { files });
    const callsOnLog = () => files.calls.filter((call) => call.includes('log-000000000001'));
    const before = callsOnLog().length;
    await write(storage, { hardState: { term: 1, votedFor: 'n1' }, entries: block(1, 1, ['a', 'b']) });
    const actions = callsOnLog()
      .slice(before)
      .map((call) => call.split(' ')[0]);
    expect(actions).to.deep.equal(['writev', 'fdatasync']);
  });

  it('touches no disk for a group that says nothing', async () => {
    const files = new FaultyFiles();
    const storage = await workplace.open(await workplace.folder(), { files });
    await write(storage, { hardState: { term: 1, votedFor: null } });
    const before = files.callsOf('fdatasync').length;
    await write(storage, {});
    expect(files.callsOf('fdatasync').length).to.equal(before);
  });

  it('goes on where a write took only some of the bytes', async () => {
    const folder = await workplace.folder();
    const files = new FaultyFiles();
    const storage = await workplace.open(folder, { files });
    files.writeBytesMax = 7;
    await write(storage, { hardState: { term: 1, votedFor: 'n1' }, entries: block(1, 1, ['a', 300, 'c']) });
    await storage.close();
    const reopened = await workplace.open(folder);
    expect(plain(reopened.recovered).entries).to.have.length(3);
  });

  it('gives an entry larger than a segment a segment of its own size', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['before']) });
    await write(storage, { entries: block(2, 1, [5 * segmentBytes]) });
    await write(storage, { entries: block(3, 1, ['behind']) });
    await storage.close();
    const { entries } = plain((await workplace.open(folder)).recovered);
    expect(entries.map((line) => line.length)).to.deep.equal([
      '1:1:before'.length,
      '2:1:'.length + 5 * segmentBytes,
      '3:1:behind'.length,
    ]);
  });

  it('takes an entry of 64 MiB', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const payloadBytes = 64 * 1024 * 1024;
    await write(storage, { entries: block(1, 1, [payloadBytes]) });
    await storage.close();
    const [entries] = (await workplace.open(folder)).recovered.entries;
    expect(entries?.bytes.byteLength).to.equal(payloadBytes + entryHeaderBytes);
  });

  it('merges the entries of many writes into few blocks', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { segmentBytes: 64 * 1024 });
    for (let index = 1; index <= 100; index += 1) await write(storage, { entries: block(index, 1, ['x']) });
    await storage.close();
    const { entries } = (await workplace.open(folder, { segmentBytes: 64 * 1024 })).recovered;
    expect(entries.map(({ firstIndex, count }) => [firstIndex, count])).to.deep.equal([[1, 100]]);
  });

  it('refuses entries that do not follow the last one, and all that comes after', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a']) });
    expect((await errorOf(write(storage, { entries: block(3, 1, ['c']) }))).code).to.equal('StorageMisused');
    expect((await errorOf(write(storage, { entries: block(2, 1, ['b']) }))).code).to.equal('StorageMisused');
    await storage.close();
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['1:1:a']);
  });

  it('refuses entries whose term falls', async () => {
    const storage = await workplace.open(await workplace.folder());
    await write(storage, { entries: block(1, 5, ['a']) });
    expect((await errorOf(write(storage, { entries: block(2, 4, ['b']) }))).code).to.equal('StorageMisused');
  });

  it('refuses a write while another one is under way, which is not harmed', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const first = write(storage, { entries: block(1, 1, ['a']) });
    expect((await errorOf(write(storage, { entries: block(2, 1, ['b']) }))).code).to.equal('StorageMisused');
    await first;
    await storage.close();
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['1:1:a']);
  });

  it('waits with closing for the write under way, and refuses later ones', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const events: string[] = [];
    const written = write(storage, { entries: block(1, 1, ['a']) }).then(() => events.push('written'));
    const closed = storage.close().then(() => events.push('closed'));
    expect((await errorOf(write(storage, { entries: block(2, 1, ['b']) }))).code).to.equal('StorageClosed');
    await Promise.all([written, closed]);
    expect(events).to.deep.equal(['written', 'closed']);
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['1:1:a']);
  });

  it('never calls back from within the call that asks', async () => {
    const storage = await workplace.open(await workplace.folder());
    for (const group of [{}, { entries: block(9, 1, ['gap']) }, {}]) {
      let isCalling = true;
      const wasCalling = new Promise((resolve) => storage.write(group, () => resolve(isCalling)));
      isCalling = false;
      expect(await wasCalling).to.equal(false);
    }
  });

  it('lets go of the recovered entries once a snapshot replaces them', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a']) });
    await storage.close();
    const reopened = await workplace.open(folder);
    await write(reopened, { snapshot: await stage(reopened, { index: 1, term: 1 }, 'state') });
    expect(reopened.recovered.entries).to.deep.equal([]);
  });
});
