/** redis-cli, a process for each command: only so does it never send one again, which it does in a session. */
import { spawn } from 'node:child_process';
import type { ClientKind } from './clientKind.ts';
import type { Answer } from './commandModel.ts';

function redisCliKind(name: string, ...options: readonly string[]): ClientKind {
  return {
    name,
    hasTransactions: false,
    async connect(port) {
      const running = new Set<() => void>();
      return {
        async run([command, ...others]) {
          if (command === undefined || others.length > 0) throw new Error('redis-cli is for one command.');
          const child = spawn('redis-cli', ['-e', '--json', '-p', String(port), ...options, ...command], {
            stdio: ['ignore', 'pipe', 'pipe'],
          });
          const kill = (): void => void child.kill('SIGKILL');
          running.add(kill);
          let said = '';
          let complained = '';
          child.stdout.setEncoding('utf8').on('data', (text: string) => {
            said += text;
          });
          child.stderr.setEncoding('utf8').on('data', (text: string) => {
            complained += text;
          });
          const code = await new Promise<number | null>((resolve, reject) => {
            child.once('error', reject);
            child.once('close', resolve);
          });
          running.delete(kill);
          if (code !== 0) throw new Error(complained.trim() || `redis-cli ended with ${code}`);
          return [JSON.parse(said) as Answer];
        },
        close() {
          for (const kill of running) kill();
        },
      };
    },
  };
}

export const redisCliKinds: readonly ClientKind[] = [
  redisCliKind('redis-cli'),
  redisCliKind('redis-cli -c', '-c'),
];
