/** The interpreter of the scripts in test/scenarios: what it refuses, and how it rewrites. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { play, ScriptError } from '../../../runtime/simulation/script/script.ts';
import { playFile } from '../../scenarios/playFile.ts';

const opening = 'Three nodes, seed 7.';
const story = [
  '# What it shows.',
  ...[opening, '', '# A comment between steps.', 'Until a leader is elected:', 'Skip until n1 leads term 1:'],
  ...['n1 proposes "x" and "y".', 'Until "x" and "y" are applied everywhere:'],
  ...['The logs of n1, n2 and n3 are: 1@1 "x", 2@1 "y".', ''],
].join('\n');

/** What playing these lines fails with. */
async function errorOf(...lines: string[]): Promise<ScriptError> {
  try {
    await play(lines.join('\n'), 'some.txt');
  } catch (error) {
    if (error instanceof ScriptError) return error;
    throw error;
  }
  throw new Error('It was played.');
}

describe('scripts: what is refused', () => {
  it('names file, line and text of a sentence that there is not, and all that there are', async () => {
    const { message } = await errorOf('# A comment.', opening, '', 'n1 leads term 9.', 'n1 propose "x".');
    expect(message, 'before anything is played').to.match(
      /^some\.txt:5: no sentence reads "n1 propose "x"\."/,
    );
    expect(message).to.include('\n  n1 proposes "x".');
    expect(message).to.include('\n  Until <statement>:');
    expect(message).to.include('\n  Nobody leads.');
  });

  it('takes a statement with a full stop and a wait with a colon, not the other way round', async () => {
    for (const line of [
      'Nobody leads',
      'Nobody leads:',
      'Until nobody leads.',
      'For 5 ms.',
      'Nobody leads..',
    ]) {
      const { message } = await errorOf(opening, line);
      expect(message, line).to.include(`some.txt:2: no sentence reads "${line}"`);
    }
  });

  it('says how a script begins', async () => {
    const { message } = await errorOf('# Only a comment.', 'n1 leads.');
    expect(message).to.match(
      /^some\.txt:2: a script begins with "Three nodes, seed 7.*", not "n1 leads\."\.$/,
    );
    expect((await errorOf('')).message).to.match(/^some\.txt:1: a script begins with /);
    expect((await errorOf('No nodes, seed 1.')).message).to.match(/^some\.txt:1: a script begins with /);
  });

  it('says what is so in place of what is stated, and what happened before', async () => {
    const { message } = await errorOf(opening, 'Until a leader is elected:', 'n3 leads term 2.');
    expect(message).to.match(
      /^some\.txt:3: not so: "n3 leads term 2\."\nInstead: n1 is a leader in term 1; n2 /,
    );
    expect(message).to.match(/\nWhat happened before:\n(.*\n)+ .* n1 {5}leads term 1$/);
  });

  it('waits for ten simulated seconds, and no longer', async () => {
    const { message } = await errorOf(opening, 'Until n1 leads term 99:');
    expect(message).to.include('some.txt:2: not so within 10000 ms: "Until n1 leads term 99:"');
  });

  it('names the line of a step that cannot be taken', async () => {
    const down = await errorOf(opening, 'Crash n1.', 'n1 proposes "x".');
    expect(down.message).to.match(/^some\.txt:3: n1 is down/);
    const unknown = await errorOf(opening, 'n4 leads.');
    expect(unknown.message).to.match(/^some\.txt:2: There is no node n4/);
  });
});

describe('scripts: rewriting', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scripts-'));
    path = join(folder, 'story.txt');
    await writeFile(path, story);
  });
  afterEach(() => rm(folder, { recursive: true }));
  const text = () => readFile(path, 'utf8');

  it('puts what happened under each step, and leaves all other lines as they are', async () => {
    const { written, played } = await playFile(path, { rewrite: true });
    expect(played).to.equal(written);
    expect(await text()).to.equal(played);
    const lines = played.split('\n');
    expect(lines.filter((line) => !/^\s+\S/.test(line)).join('\n')).to.equal(story);
    const under = (step: string) => lines[lines.indexOf(step) + 1];
    expect(under('n1 proposes "x" and "y".')).to.match(/^ +[\d.]+ {2}n1 {5}appends 1@1 "x"$/);
    expect(under('Until a leader is elected:')).to.match(/n1 {5}hears no leader/);
  });

  it('finds that a rewritten script happens as it is written, however often', async () => {
    await playFile(path, { rewrite: true });
    const once = await text();
    await playFile(path, { rewrite: true });
    expect(await text()).to.equal(once);
    const { written, played } = await playFile(path, { rewrite: false });
    expect(played).to.equal(written);
  });

  it('replaces lines that tell it otherwise, which without the flag only differ', async () => {
    await playFile(path, { rewrite: true });
    const right = await text();
    const wrong = right
      .replace('durable: term 1, a vote for n1', 'durable: nothing')
      .replace(/\n.*applies.*/, '');
    await writeFile(path, wrong);
    const { written, played } = await playFile(path, { rewrite: false });
    expect(written).to.equal(wrong);
    expect(played).to.equal(right);
    expect(await text(), 'the file without the flag').to.equal(wrong);
    await playFile(path, { rewrite: true });
    expect(await text(), 'the file with the flag').to.equal(right);
  });

  it('does not rewrite a script in which something stated is not so', async () => {
    const untrue = `${story}Nobody leads.\n`;
    await writeFile(path, untrue);
    const failed = await playFile(path, { rewrite: true }).then(
      () => 'played',
      (error: Error) => error.message,
    );
    expect(failed).to.include('story.txt:10: not so: "Nobody leads."');
    expect(await text()).to.equal(untrue);
  });
});
