/** Faults that come and go, one after the other: each kind of them once, in an order that the seed gives. */
import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from 'xstate-raft/testing';
import type { NodeId, ProcessCluster } from './processCluster.ts';

interface Scene {
  readonly cluster: ProcessCluster;
  readonly leader: NodeId;
  readonly followers: readonly NodeId[];
  /** Until the fault is over. */
  readonly last: () => Promise<void>;
  /** Whether what a partition held up is to arrive at its end. */
  readonly late: boolean;
}

export interface Fault {
  readonly name: string;
  readonly isPartition: boolean;
  readonly strike: (scene: Scene) => Promise<void>;
}

function partition(name: string, cut: (scene: Scene) => void): Fault {
  return {
    name,
    isPartition: true,
    async strike(scene) {
      cut(scene);
      await scene.last();
      scene.cluster.heal(scene.late);
    },
  };
}

const leaderIsKilled: Fault = {
  name: 'the leader is killed',
  isPartition: false,
  async strike({ cluster, leader, last }) {
    await cluster.kill(leader);
    await last();
    await cluster.restart(leader);
  },
};

const leaderIsCutOff = partition('the leader is cut off', ({ cluster, leader, followers }) => {
  for (const follower of followers) {
    cluster.cut(leader, follower);
    cluster.cut(follower, leader);
  }
});

const leaderHearsNobody = partition('the leader hears nobody', ({ cluster, leader, followers }) => {
  for (const follower of followers) cluster.cut(follower, leader);
});

const nobodyHearsLeader = partition('nobody hears the leader', ({ cluster, leader, followers }) => {
  for (const follower of followers) cluster.cut(leader, follower);
});

const followerIsCutOff = partition(
  'a follower is cut off',
  ({ cluster, leader, followers: [one, other] }) => {
    if (one === undefined || other === undefined) return;
    for (const peer of [leader, other]) {
      cluster.cut(one, peer);
      cluster.cut(peer, one);
    }
  },
);

const linkIsRefused = partition(
  'a follower and the leader refuse each other',
  ({ cluster, leader, followers }) => {
    for (const follower of followers.slice(0, 1)) cluster.refuse(leader, follower);
  },
);

const leaderIsPaused: Fault = {
  name: 'the leader is paused',
  isPartition: false,
  async strike({ cluster, leader, last }) {
    cluster.pause(leader);
    await last();
    cluster.resume(leader);
  },
};

/** A cluster meets each of these in the time that a test has. */
export const allFaults: readonly Fault[] = [
  leaderIsKilled,
  leaderIsCutOff,
  leaderHearsNobody,
  nobodyHearsLeader,
  followerIsCutOff,
  linkIsRefused,
  leaderIsPaused,
  leaderIsKilled,
];

/**
 * Settles when the last fault is over.
 * @param calm settles when the clients have been served for a while; it is waited for before each fault and after the last
 */
export async function storm(
  cluster: ProcessCluster,
  faults: readonly Fault[],
  seed: number,
  calm: () => Promise<void>,
): Promise<void> {
  const random = new SeededRandom(`storm ${seed}`);
  const between = (low: number, high: number) => low + random.next() * (high - low);
  const order = faults
    .map((fault) => ({ fault, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
  for (const { strike } of order) {
    await calm();
    const leader = await cluster.whoLeads();
    const followers = cluster.ids.filter((id) => id !== leader);
    if (random.next() < 0.5) followers.reverse();
    const durationMs = between(1000, 2200);
    await strike({ cluster, leader, followers, late: random.next() < 0.5, last: () => delay(durationMs) });
  }
  await calm();
}
