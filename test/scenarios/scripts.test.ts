/** Scenarios to read: each script beside this file, with exactly what happens in it. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { playFile } from './playFile.ts';

const rewrite = process.argv.includes('--rewrite');
const folder = fileURLToPath(new URL('.', import.meta.url));

describe('scripts', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  for (const file of files.sort()) {
    it(`${file} happens as it is written`, async () => {
      const name = `test/scenarios/${file}`;
      const { written, played } = await playFile(`${folder}${file}`, { rewrite, name });
      expect(played, `${name} tells it otherwise; to rewrite it: npm test -- --rewrite`).to.equal(written);
    });
  }

  it('are there', () => {
    expect(files).not.to.deep.equal([]);
  });
});
