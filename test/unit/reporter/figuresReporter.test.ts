import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the reporter', () => {
  it('prints figures of scenarios, dots for the rest, failures and counts as mocha does', () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [
        ...['node_modules/mocha/bin/mocha.js', '--no-config', '--node-option', 'import=tsx', '--no-color'],
        ...['--reporter', 'test/reporter/figuresReporter.ts', 'test/unit/reporter/reportedTests.ts'],
      ],
      { cwd: root, encoding: 'utf8' },
    );
    const [, head, passed, failed, , others, , passing, pending, failing, ...failures] = stdout.split('\n');
    const trimmed = (line: string | undefined) => line?.replace(/ +/g, ' ').replace(/\(.*\)/, '');
    expect([head, passed, failed, others, passing, pending, failing].map(trimmed)).to.deep.equal([
      ...[
        ' 2A elections s n RPCs bytes log | handout',
        ' initial election 3.0 3 58 4424 0 | 3.5 3 58 16840 0',
      ],
      ...[' multiple elections failed', ' ..,!', ' 3 passing ', ' 1 pending', ' 2 failing'],
    ]);
    expect(passed?.indexOf('|')).to.equal(head?.indexOf('|'));
    expect(failures.join('\n')).to.include('1) 2A elections').and.include('Error: no leader (with seed 7)');
    expect(status).to.equal(2);
  });
});
