/** machines/ knows no time, no chance, no Node, and nobody above it. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const folder = new URL('../../../machines/', import.meta.url);
const sources = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(new URL(file, folder), 'utf8') }));

/** Comments may speak of what code may not touch. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

const forbidden = [
  /\bDate\b/,
  /Math\.random/,
  // A clock of the context may be asked, and is declared; the global may not.
  /(?<![.\w])(setTimeout|setInterval|setImmediate|queueMicrotask)\s*\((?!callback:)/,
  /\bperformance\b/,
  /\bprocess\b/,
  /\bBuffer\b/,
  /\bcrypto\b/,
  /['"]node:/,
  /\brequire\s*\(/,
  /\bimport\s*\(/,
];

describe('machines/', () => {
  it('has files to look at', () => {
    expect(sources.length).to.be.above(10);
  });

  for (const { file, text } of sources) {
    it(`${file} touches neither time nor chance nor Node`, () => {
      for (const pattern of forbidden) expect(codeOf(text)).not.to.match(pattern);
    });

    it(`${file} imports xstate, the types of rxjs, and its neighbours alone`, () => {
      const imports = [...codeOf(text).matchAll(/^(import|export)( type)?[^;]*? from '([^']+)'/gm)];
      for (const [, , isType, from = ''] of imports) {
        if (from === 'rxjs') expect(isType, `${file} imports rxjs`).to.equal(' type');
        else expect(from).to.match(/^(xstate|\.\/[\w.]+\.ts)$/);
      }
    });
  }
});
