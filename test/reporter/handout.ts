/** The figures that the course handouts print for an implementation in Go, by part and scenario: the marks to beat. */
import type { Figures } from './figures.ts';

function row(seconds: number, peers: number, rpcs: number, bytes: number, commits: number): Figures {
  return { seconds, peers, rpcs, bytes, commits };
}

export const handout: Readonly<Record<string, Readonly<Record<string, Figures>>>> = {
  '2A': {
    'initial election': row(3.5, 3, 58, 16840, 0),
    'election after network failure': row(5.4, 3, 118, 25269, 0),
    'multiple elections': row(7.3, 7, 624, 138014, 0),
  },
  '2B': {
    'basic agreement': row(0.9, 3, 16, 4572, 3),
    'RPC byte count': row(1.7, 3, 48, 114536, 11),
    'agreement after follower reconnects': row(3.6, 3, 78, 22131, 7),
    'no agreement if too many followers disconnect': row(3.8, 5, 172, 40935, 3),
    'concurrent starts': row(1.1, 3, 24, 7379, 6),
    'rejoin of partitioned leader': row(5.1, 3, 152, 37021, 4),
    'leader backs up quickly over incorrect follower logs': row(17.2, 5, 2080, 1587388, 102),
    "RPC counts aren't too high": row(2.2, 3, 60, 20119, 12),
  },
  '2C': {
    'basic persistence': row(5.0, 3, 86, 22849, 6),
    'more persistence': row(17.6, 5, 952, 218854, 16),
    'partitioned leader and one follower crash, leader restarts': row(2.0, 3, 34, 8937, 4),
    'Figure 8': row(31.2, 5, 580, 130675, 32),
    'unreliable agreement': row(1.7, 5, 1044, 366392, 246),
    'Figure 8 (unreliable)': row(33.6, 5, 10700, 33695245, 308),
    churn: row(16.1, 5, 8864, 44771259, 1544),
    'unreliable churn': row(16.5, 5, 4220, 6414632, 906),
  },
  '2D': {
    'snapshots basic': row(11.6, 3, 176, 61716, 192),
    'install snapshots (disconnect)': row(64.2, 3, 878, 320610, 336),
    'install snapshots (disconnect+unreliable)': row(81.1, 3, 1059, 375850, 341),
    'install snapshots (crash)': row(53.5, 3, 601, 256638, 339),
    'install snapshots (unreliable+crash)': row(63.5, 3, 687, 288294, 336),
    'crash and restart all servers': row(19.5, 3, 268, 81352, 58),
  },
};
