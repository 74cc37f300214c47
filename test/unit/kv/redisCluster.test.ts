/** What clients of a Redis cluster ask; words and shapes are those of Redis 7. */
import { expect } from 'chai';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import { crc16, keySlot } from '../../../kv/redis/keySlot.ts';
import { MemoryBackend } from './redisMemoryBackend.ts';
import { RawClient } from './redisRawClient.ts';

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

const members = ['n1', 'n2', 'n3'].map((id, place) => ({
  ...{ id, host: '127.0.0.1', port: 7001 + place, peerPort: 7101 + place },
}));

/** SHA-1 of the cluster's and the node's name. */
const ids = {
  n1: 'd74c6352536fc2ec756ee7982349547c84e97960',
  n2: '108def9616276c0a673bb03960fe217b9624818f',
  n3: 'a5998e63ed5c309bafe438924543524353279354',
};

describe('the slot of a key', () => {
  // As `redis-cli CLUSTER KEYSLOT` of Redis 7.0 answers.
  const slotOf: [key: string, slot: number][] = [
    ['', 0],
    ['123456789', 12_739],
    ['foo', 12_182],
    ['{user1000}.following', 3443],
    ['user1000', 3443],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['{bar', 4015],
    ['foo{bar}{zap}', 5061],
    ['bar', 5061],
    ['foo}{bar', 7624],
    ['}{bar}', 5061],
    ['{', 4092],
    ['{}', 15_257],
    ['{}a', 10_875],
    ['schlüssel', 7677],
  ];
  for (const [key, slot] of slotOf) {
    it(`of "${key}" is ${slot}`, () => expect(keySlot(Buffer.from(key))).to.equal(slot));
  }

  it('comes from CRC16 of any bytes', () => {
    // The check value of CRC-16/XMODEM, and every byte there is, with a tag of "|" among them.
    expect(crc16(Buffer.from('123456789'))).to.equal(0x31c3);
    const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(keySlot(everyByte)).to.equal(16_155);
    expect(keySlot(everyByte)).to.equal(keySlot(Buffer.from('|')));
  });
});

describe('CLUSTER', () => {
  let backend: MemoryBackend;
  let front: RedisFront;
  let client: RawClient;

  beforeEach(async () => {
    backend = new MemoryBackend();
    backend.members = members;
    front = await startRedisFront({ host: '127.0.0.1', port: 0, backend });
    client = await RawClient.connect(front.port);
  });

  afterEach(async () => {
    client.close();
    await front.close();
  });

  /** The whole reply: an ECHO behind the command says where it ends. */
  const replyTo = async (command: string): Promise<string> => {
    const end = bulk('end of the reply');
    client.received = '';
    client.send(`${command}\nECHO "end of the reply"\n`);
    return (await client.receivedUpTo(end)).slice(0, -end.length);
  };

  const node = (id: keyof typeof ids): string => {
    const member = members.find((each) => each.id === id);
    return `*4\r\n${bulk('127.0.0.1')}:${member?.port}\r\n${bulk(ids[id])}*0\r\n`;
  };

  it('SLOTS gives all slots to the leader, with the others as its replicas', async () => {
    const slots = '*1\r\n*5\r\n:0\r\n:16383\r\n';
    expect(await replyTo('CLUSTER SLOTS')).to.equal(`${slots}${node('n1')}${node('n2')}${node('n3')}`);
    backend.leader = 'n3';
    expect(await replyTo('CLUSTER SLOTS')).to.equal(`${slots}${node('n3')}${node('n1')}${node('n2')}`);
  });

  it('SLOTS names the node that is asked while no leader is known: it holds commands until there is one', async () => {
    backend.leader = null;
    expect(await replyTo('CLUSTER SLOTS')).to.contain(`:16383\r\n${node('n2')}`);
  });

  it('SLOTS waits for the leader to be confirmed: one that has just died is still believed in', async () => {
    backend.confirmLeader = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return 'n3';
    };
    client.send('CLUSTER SLOTS\nCLUSTER MYID\n');
    expect(await client.receivedUpTo(bulk(ids.n2))).to.contain(`:16383\r\n${node('n3')}${node('n1')}`);
  });

  it('SHARDS is one shard', async () => {
    const shard = (id: keyof typeof ids, place: number, role: string): string =>
      `*14\r\n${bulk('id')}${bulk(ids[id])}${bulk('port')}:${7001 + place}\r\n${bulk('ip')}${bulk('127.0.0.1')}` +
      `${bulk('endpoint')}${bulk('127.0.0.1')}${bulk('role')}${bulk(role)}` +
      `${bulk('replication-offset')}:41\r\n${bulk('health')}${bulk('online')}`;
    expect(await replyTo('CLUSTER SHARDS')).to.equal(
      `*1\r\n*4\r\n${bulk('slots')}*2\r\n:0\r\n:16383\r\n${bulk('nodes')}*3\r\n` +
        `${shard('n1', 0, 'master')}${shard('n2', 1, 'replica')}${shard('n3', 2, 'replica')}`,
    );
    await replyTo('HELLO 3');
    expect(await replyTo('CLUSTER SHARDS')).to.match(/^\*1\r\n%2\r\n/);
  });

  it('NODES has a line for each node', async () => {
    const lines = [
      `${ids.n1} 127.0.0.1:7001@7101 master - 0 0 7 connected 0-16383\n`,
      `${ids.n2} 127.0.0.1:7002@7102 myself,slave ${ids.n1} 0 0 7 connected\n`,
      `${ids.n3} 127.0.0.1:7003@7103 slave ${ids.n1} 0 0 7 connected\n`,
    ];
    expect(await replyTo('CLUSTER NODES')).to.equal(bulk(lines.join('')));
    expect(await replyTo(`CLUSTER REPLICAS ${ids.n1}`)).to.equal(
      `*2\r\n${bulk(lines[1]?.trimEnd() ?? '')}${bulk(lines[2]?.trimEnd() ?? '')}`,
    );
  });

  it('INFO is ok as long as there is a leader', async () => {
    const info = await replyTo('CLUSTER INFO');
    const fields = ['cluster_state:ok', 'cluster_slots_ok:16384', 'cluster_known_nodes:3', 'cluster_size:1'];
    for (const field of [...fields, 'cluster_current_epoch:7']) expect(info).to.contain(`${field}\r\n`);
    backend.leader = null;
    expect(await replyTo('CLUSTER INFO')).to.contain('cluster_state:fail\r\n');
  });

  it('COUNTKEYSINSLOT and GETKEYSINSLOT look at the keys there are, in the order of the connection', async () => {
    await replyTo('MGET none');
    for (let n = 0; n < 3; n += 1) client.send(`SET {user1000}.${n} v\nSET other${n} v\n`);
    client.received = '';
    client.send('CLUSTER COUNTKEYSINSLOT 3443\nPING\n');
    expect(await client.receivedUpTo('+PONG\r\n')).to.match(/:3\r\n\+PONG\r\n$/);
    expect(await replyTo('CLUSTER COUNTKEYSINSLOT 0')).to.equal(':0\r\n');
    expect(await replyTo('CLUSTER GETKEYSINSLOT 3443 2')).to.equal(
      `*2\r\n${bulk('{user1000}.0')}${bulk('{user1000}.1')}`,
    );
  });

  it('lets the node work while it looks at many keys', async () => {
    let given = 0;
    let turnsSeen = 0;
    backend.keyNames = function* () {
      for (; given < 50_000; given += 1) yield `k${given}`;
    };
    const asked = replyTo('CLUSTER COUNTKEYSINSLOT 1');
    while (given < 50_000) {
      if (given > 0) turnsSeen += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await asked;
    expect(turnsSeen).to.be.greaterThan(10);
  });

  const answers: [command: string, reply: string][] = [
    ['CLUSTER MYID', bulk(ids.n2)],
    ['CLUSTER MYSHARDID', bulk('db4b33260cfaccc2fd7f8cd416265e6fb32b0373')],
    ['CLUSTER KEYSLOT {user1000}.following', ':3443\r\n'],
    ['CLUSTER KEYSLOT', "-ERR wrong number of arguments for 'cluster|keyslot' command\r\n"],
    ['CLUSTER COUNTKEYSINSLOT 16384', '-ERR Invalid slot\r\n'],
    ['CLUSTER COUNTKEYSINSLOT x', '-ERR value is not an integer or out of range\r\n'],
    ['CLUSTER GETKEYSINSLOT 0 -1', '-ERR Invalid slot or number of keys\r\n'],
    ['CLUSTER REPLICAS x', '-ERR Unknown node x\r\n'],
    [`CLUSTER REPLICAS ${ids.n2}`, '-ERR The specified node is not a master\r\n'],
    ['CLUSTER LINKS', '*0\r\n'],
    ['CLUSTER MEET 127.0.0.1 7001', "-ERR unknown subcommand 'MEET'. Try CLUSTER HELP.\r\n"],
    ['CLUSTER', "-ERR wrong number of arguments for 'cluster' command\r\n"],
    ['READONLY', '+OK\r\n'],
    ['READWRITE', '+OK\r\n'],
    ['ASKING', '+OK\r\n'],
    ['SELECT 1', '-ERR SELECT is not allowed in cluster mode\r\n'],
    ['CONFIG GET cluster-enabled', `*2\r\n${bulk('cluster-enabled')}${bulk('yes')}`],
    ['INFO cluster', bulk('# Cluster\r\ncluster_enabled:1\r\n')],
  ];
  for (const [command, reply] of answers) {
    it(`answers ${command.slice(0, 40)} as Redis does`, async () => {
      expect(await replyTo(command)).to.equal(reply);
    });
  }

  it('has its replicas in INFO at the leader, with what they lag behind', async () => {
    backend.matchIndex = { n1: 40, n3: 12 };
    const info = await replyTo('INFO replication');
    expect(info).to.contain('connected_slaves:2\r\n').and.to.contain('master_repl_offset:42\r\n');
    expect(info).to.contain('slave0:ip=127.0.0.1,port=7001,state=online,offset=40,lag=0\r\n');
    expect(info).to.contain('slave1:ip=127.0.0.1,port=7003,state=online,offset=12,lag=0\r\n');
  });

  it('is told of in HELLO and INFO', async () => {
    expect(await replyTo('HELLO')).to.contain(`${bulk('mode')}${bulk('cluster')}`);
    expect(await replyTo('INFO server')).to.contain('redis_mode:cluster\r\n');
  });

  it('is disabled where the addresses of the members are not known', async () => {
    backend.members = undefined;
    const disabled = '-ERR This instance has cluster support disabled\r\n';
    for (const command of ['CLUSTER INFO', 'CLUSTER HELP', 'READONLY', 'READWRITE', 'ASKING']) {
      expect(await replyTo(command), command).to.equal(disabled);
    }
  });
});
