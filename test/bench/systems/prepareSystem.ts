/** A system by its name, ready to be started. */
import { EtcdCluster } from './etcdCluster.ts';
import { RaftCluster } from './raftCluster.ts';
import { RedisServer } from './redisServer.ts';
import type { System, SystemName } from './system.ts';

export function prepareSystem(name: SystemName): Promise<System> {
  switch (name) {
    case 'xstate-raft':
      return RaftCluster.prepare();
    case 'etcd':
      return EtcdCluster.prepare();
    case 'redis':
      return RedisServer.prepare();
  }
}
