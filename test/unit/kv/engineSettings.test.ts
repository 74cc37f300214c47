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
});
