/** The command as it is run: what it says of a seed that breaks something, and of one that does not. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('../../soak/main.ts', import.meta.url));

function soak(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const node = ['--conditions=xstate-raft-source', '--import', 'tsx', main, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, node, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('soak', () => {
  it('shrinks what it finds, and tells it again', async () => {
    const { code, stdout } = await soak('--seeds', '1', '--jobs', '1', '--variant', 'skips the entry');
    expect(code).to.equal(1);
    expect(stdout).to.match(/seed 1 broke appliedInOrder after [\d.]+ s: n\d applied \d+ after \d+/);
    const [, steps = ''] =
      /npm run soak -- --replay 1 --variant "skips the entry.*" --steps "(.*)"/.exec(stdout) ?? [];
    expect(stdout).to.match(/\d+ of \d+ faults break it too/);
    const again = await soak('--replay', '1', '--variant', 'skips the entry', '--steps', steps);
    expect(again.code).to.equal(1);
    expect(again.stdout)
      .to.match(/knows as committed/)
      .and.to.match(/seed 1 broke appliedInOrder/);
  });

  it('counts what it met, and does not pass when it has met too little', async () => {
    const { code, stdout } = await soak('--seeds', '1', '--jobs', '1');
    expect(stdout)
      .to.match(/elections +\d+/)
      .and.to.match(/1 seeds, 0 violations/);
    expect(stdout).to.match(/never met: /);
    expect(code).to.equal(1);
  });

  it('says a wrong flag in one line', async () => {
    const { code, stdout, stderr } = await soak('--seeds', 'many');
    expect({ code, stdout, lines: stderr.trim().split('\n').length }).to.deep.equal({
      code: 1,
      stdout: '',
      lines: 1,
    });
  });
});
