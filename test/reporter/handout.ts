/** The figures that the course handouts print for an implementation in Go, by part and scenario: the marks to beat. */
import type { Figures } from './figures.ts';

function row(seconds: number, peers: number, rpcs: number, bytes: number, commits: number): Figures {
  return { seconds, peers, rpcs, bytes, commits };
}

/** A row of the key/value service, for which no bytes are printed. */
function kvRow(seconds: number, peers: number, rpcs: number, operations: number): Figures {
  return { seconds, peers, rpcs, commits: operations };
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
  '3A': {
    'one client': kvRow(15.5, 5, 4576, 903),
    'ops complete fast enough': kvRow(15.7, 3, 3022, 0),
    'many clients': kvRow(15.9, 5, 5884, 1160),
    'unreliable net, many clients': kvRow(19.2, 5, 3083, 441),
    'concurrent append to same key, unreliable': kvRow(2.5, 3, 218, 52),
    'progress in majority': kvRow(1.7, 5, 103, 2),
    'no progress in minority': kvRow(1.0, 5, 102, 3),
    'completion after heal': kvRow(1.2, 5, 70, 3),
    'partitions, one client': kvRow(23.8, 5, 4501, 765),
    'partitions, many clients': kvRow(23.5, 5, 5692, 974),
    'restarts, one client': kvRow(22.2, 5, 4721, 908),
    'restarts, many clients': kvRow(22.5, 5, 5490, 1033),
    'unreliable net, restarts, many clients': kvRow(26.5, 5, 3532, 474),
    'restarts, partitions, many clients': kvRow(29.7, 5, 6122, 1060),
    'unreliable net, restarts, partitions, many clients': kvRow(32.9, 5, 2967, 317),
    'unreliable net, restarts, partitions, random keys, many clients': kvRow(35.0, 7, 8249, 746),
  },
  '3B': {
    'InstallSnapshot RPC': kvRow(4.0, 3, 289, 63),
    'snapshot size is reasonable': kvRow(2.6, 3, 2418, 800),
    'ops complete fast enough': kvRow(3.2, 3, 3025, 0),
    'restarts, snapshots, one client': kvRow(21.9, 5, 29266, 5820),
    'restarts, snapshots, many clients': kvRow(21.5, 5, 33115, 6420),
    'unreliable net, snapshots, many clients': kvRow(17.4, 5, 3233, 482),
    'unreliable net, restarts, snapshots, many clients': kvRow(22.7, 5, 3337, 471),
    'unreliable net, restarts, partitions, snapshots, many clients': kvRow(30.4, 5, 2725, 274),
    'unreliable net, restarts, partitions, snapshots, random keys, many clients': kvRow(37.7, 7, 8378, 681),
  },
};

/** Whether the handout prints bytes for a part. */
export function printsBytes(part: string): boolean {
  return Object.values(handout[part] ?? {}).some(({ bytes }) => bytes !== undefined);
}

/** The length of the longest name of those parts that print bytes, or of those that print none. */
export function longestName(withBytes: boolean): number {
  const names = Object.entries(handout).flatMap(([part, scenarios]) =>
    printsBytes(part) === withBytes ? Object.keys(scenarios) : [],
  );
  return Math.max(...names.map(({ length }) => length));
}
