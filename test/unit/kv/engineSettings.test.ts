import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { engineSettings } from '../../../kv/commandLine/engineSettings.ts';

describe('What a node tells V8', () => {
  it('is known to this version of it', () => {
    const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    for (const setting of engineSettings) {
      const [name = ''] = setting.replace(/^--(no-)?/, '').split('=');
      expect(stdout, setting).to.match(new RegExp(`^ +--${name} `, 'm'));
    }
  });

  it('may be said while it runs', () => {
    const script = `import('${new URL('../../../kv/commandLine/engineSettings.ts', import.meta.url)}').then((m) => m.settleEngine())`;
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    expect({ status, stderr, stdout }).to.deep.equal({ status: 0, stderr: '', stdout: '' });
  });
});
