/** Which systems can be run here. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { SystemName } from './system.ts';

const programs = { etcd: 'etcd', redis: 'redis-server' } as const;

/** What Debian calls the packages of the rivals. */
export const packages = { etcd: 'etcd-server', redis: 'redis-server' } as const;

export function isInstalled(name: SystemName): boolean {
  if (name === 'xstate-raft') return true;
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, programs[name]), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
