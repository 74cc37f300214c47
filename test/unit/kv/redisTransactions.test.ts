/** MULTI, EXEC and WATCH through sockets, against what Redis 7.0 replies; their bounds, and pipelines. */
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { OperationCode } from '../../../kv/operation.ts';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import type { FrontLimits } from '../../../kv/redis/limits.ts';
import { shown, wordsOf } from './redisDialogue.ts';
import { encodeCommand, RawClient } from './redisRawClient.ts';
import { StateBackend } from './redisStateBackend.ts';

/** Settles once as many replies as the first line promises are there; none of them is a list of lists. */
function wholeReply(client: RawClient): Promise<string> {
  return client.receivedWhen((text) => {
    const lines = text.split('\r\n');
    const [first = ''] = lines;
    const bulks = lines.filter((line) => /^\$\d/.test(line)).length;
    const count = first.startsWith('*') ? Math.max(Number(first.slice(1)), 0) + 1 : 1;
    return text.endsWith('\r\n') && lines.length - 1 - bulks >= count;
  });
}

describe('transactions through the Redis front', () => {
  let backend: StateBackend;
  let front: RedisFront;
  let clients: RawClient[];

  const start = async (limits: Partial<FrontLimits> = {}): Promise<void> => {
    backend = new StateBackend();
    front = await startRedisFront({ host: '127.0.0.1', port: 0, backend, limits });
    clients = [await RawClient.connect(front.port), await RawClient.connect(front.port)];
  };

  afterEach(async () => {
    for (const client of clients) client.close();
    await front.close();
  });

  /** The whole reply, as redis-cli shows it. */
  const ask = async (name: 'a' | 'b', command: string): Promise<string> => {
    const client = clients[name === 'a' ? 0 : 1];
    if (!client) throw new Error(`There is no client ${name}.`);
    client.received = '';
    client.send(encodeCommand(...wordsOf(command)));
    return shown(await wholeReply(client));
  };

  const dialogue: [client: 'a' | 'b', command: string, reply: string][] = [
    ['a', 'MULTI', '+OK'],
    ['a', 'SET k 1', '+QUEUED'],
    ['a', 'INCR k', '+QUEUED'],
    ['a', 'GET k', '+QUEUED'],
    ['b', 'GET k', '(nil)'],
    ['a', 'EXEC', '*3 +OK :2 2'],
    ['b', 'GET k', '2'],
    ['a', 'EXEC', '-ERR EXEC without MULTI'],
    ['a', 'DISCARD', '-ERR DISCARD without MULTI'],
    ['a', 'MULTI', '+OK'],
    ['a', 'MULTI', '-ERR MULTI calls can not be nested'],
    ['a', 'WATCH k', '-ERR WATCH inside MULTI is not allowed'],
    ['a', 'SET k 5', '+QUEUED'],
    ['a', 'EXEC', '*1 +OK'],
    ['a', 'GET k', '5'],
    ['a', 'MULTI', '+OK'],
    ['a', 'DISCARD', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'SET k 6', '+QUEUED'],
    ['a', 'DISCARD', '+OK'],
    ['a', 'GET k', '5'],
    ['a', 'MULTI', '+OK'],
    ['a', 'SET k', "-ERR wrong number of arguments for 'set' command"],
    ['a', 'SET k 7', '+QUEUED'],
    ['a', 'EXEC', '-EXECABORT Transaction discarded because of previous errors.'],
    ['a', 'GET k', '5'],
    ['a', 'MULTI', '+OK'],
    ['a', 'NONSENSE x', "-ERR unknown command 'NONSENSE', with args beginning with: 'x' "],
    ['a', 'EXEC', '-EXECABORT Transaction discarded because of previous errors.'],
    ['a', 'MULTI', '+OK'],
    ['a', 'SET k v EX', '+QUEUED'],
    ['a', 'INCR k', '+QUEUED'],
    ['a', 'SET k v', '+QUEUED'],
    ['a', 'INCR k', '+QUEUED'],
    ['a', 'MSET a b c', '+QUEUED'],
    [
      'a',
      'EXEC',
      "*5 -ERR syntax error :6 +OK -ERR value is not an integer or out of range -ERR wrong number of arguments for 'mset' command",
    ],
    ['a', 'GET k', 'v'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'SET k w', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'SET k mine', '+QUEUED'],
    ['a', 'EXEC', '*-1'],
    ['a', 'GET k', 'w'],
    ['a', 'MULTI', '+OK'],
    ['a', 'GET k', '+QUEUED'],
    ['a', 'EXEC', '*1 w'],
    ['a', 'WATCH k none', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'SET k mine', '+QUEUED'],
    ['a', 'EXEC', '*1 +OK'],
    ['a', 'WATCH k', '+OK'],
    ['a', 'SET k own', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'EXEC', '*-1'],
    ['a', 'WATCH none', '+OK'],
    ['b', 'SET none x', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'EXEC', '*-1'],
    ['a', 'WATCH none', '+OK'],
    ['b', 'DEL none', ':1'],
    ['a', 'MULTI', '+OK'],
    ['a', 'EXEC', '*-1'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'EXPIRE k 100', ':1'],
    ['a', 'MULTI', '+OK'],
    ['a', 'PING', '+QUEUED'],
    ['a', 'EXEC', '*-1'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'GET k', 'own'],
    ['b', 'PERSIST none', ':0'],
    ['b', 'SETNX k z', ':0'],
    ['a', 'MULTI', '+OK'],
    ['a', 'PING', '+QUEUED'],
    ['a', 'ECHO x', '+QUEUED'],
    ['a', 'TYPE k', '+QUEUED'],
    ['a', 'EXEC', '*3 +PONG x +string'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'SET k w', '+OK'],
    ['a', 'UNWATCH', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'GET k', '+QUEUED'],
    ['a', 'EXEC', '*1 w'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'SET k w', '+OK'],
    ['a', 'DISCARD', '-ERR DISCARD without MULTI'],
    ['a', 'MULTI', '+OK'],
    ['a', 'DISCARD', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'EXEC', '*0'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'FLUSHALL', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'EXEC', '*-1'],
    ['a', 'WATCH k', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'UNWATCH', '+QUEUED'],
    ['a', 'SET k 1', '+QUEUED'],
    ['a', 'EXEC', '*2 +OK +OK'],
    ['a', 'WATCH k', '+OK'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'RENAME k l', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'EXEC', '*-1'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'APPEND l x', ':2'],
    ['a', 'MULTI', '+OK'],
    ['a', 'SET x y', '+QUEUED'],
    ['a', 'COPY x z', '+QUEUED'],
    ['a', 'KEYS x', '+QUEUED'],
    ['a', 'RENAME x w', '+QUEUED'],
    ['a', 'EXISTS x w z', '+QUEUED'],
    ['a', 'EXEC', '*5 +OK :1 *1 x +OK :2'],
    ['a', 'MULTI', '+OK'],
    ['a', 'SET k never', '+QUEUED'],
    ['a', 'RESET', '+RESET'],
    ['a', 'EXEC', '-ERR EXEC without MULTI'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'SET k 9', '+OK'],
    ['a', 'RESET', '+RESET'],
    ['a', 'MULTI', '+OK'],
    ['a', 'EXEC', '*0'],
    ['a', 'WATCH', "-ERR wrong number of arguments for 'watch' command"],
    [
      'a',
      'EXEC x',
      "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command",
    ],
    ['a', 'MULTI', '+OK'],
    [
      'a',
      'EXEC x',
      "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command",
    ],
    ['a', 'EXEC', '-ERR EXEC without MULTI'],
    ['a', 'WATCH k', '+OK'],
    ['b', 'SET k 10', '+OK'],
    ['a', 'MULTI', '+OK'],
    ['a', 'EXEC', '_'],
  ];

  it('reply as Redis does, command by command', async () => {
    await start();
    for (const [at, [client, command, reply]] of dialogue.entries()) {
      // What Redis is told here has no reply worth showing.
      if (at === dialogue.length - 4) await ask('a', 'HELLO 3');
      expect(await ask(client, command), `${at}: ${client} ${command}`).to.equal(reply);
    }
  });

  it('are one entry of the log, whatever they hold', async () => {
    await start();
    for (const command of ['SET k 1', 'MULTI', 'SET k 2', 'GET k', 'INCR k', 'PING']) await ask('a', command);
    const before = backend.applied.index;
    expect(await ask('a', 'EXEC')).to.equal('*4 +OK 2 :3 +PONG');
    expect(backend.applied.index).to.equal(before + 1);
    expect(backend.runs.at(-1)?.map(({ code }) => code)).to.deep.equal([OperationCode.exec]);
  });

  it('may come in one piece, watches among them, several times over', async () => {
    await start();
    const [a] = clients;
    const commands = ['SET k 0'];
    for (let i = 0; i < 3; i += 1) commands.push('WATCH k', 'GET k', 'MULTI', 'INCR k', 'EXEC');
    commands.push('WATCH k', 'SET k 7', 'MULTI', 'INCR k', 'EXEC', 'MULTI', 'INCR k', 'EXEC', 'PING last');
    a?.send(...commands.map((command) => encodeCommand(...wordsOf(command))));
    const all = shown((await a?.receivedUpTo('last\r\n')) ?? '');
    const thrice = [0, 1, 2].map((i) => `+OK ${i} +OK +QUEUED *1 :${i + 1}`).join(' ');
    expect(all).to.equal(`+OK ${thrice} +OK +OK +OK +QUEUED *-1 +OK +QUEUED *1 :8 last`);
  });

  it('do nothing if a key has changed since it was watched first, though it is watched again', async () => {
    await start();
    await ask('a', 'WATCH k');
    await ask('b', 'SET k 1');
    for (const command of ['WATCH k', 'MULTI', 'INCR k']) await ask('a', command);
    expect(await ask('a', 'EXEC')).to.equal('*-1');
  });

  it('take up to so many commands and bytes, and nothing of one that has more', async () => {
    await start({ transactionCommandsMax: 2, transactionBytesMax: 1000 });
    const refusal = '-ERR a transaction holds up to 2 commands, 1000 bytes';
    for (const command of ['MULTI', 'SET k 1', 'SET k 2']) await ask('a', command);
    expect(await ask('a', 'SET k 3')).to.equal(refusal);
    expect(await ask('a', 'EXEC')).to.contain('-EXECABORT');
    await ask('a', 'MULTI');
    expect(await ask('a', `SET k ${'x'.repeat(1000)}`)).to.equal(refusal);
    expect(await ask('a', 'EXEC')).to.contain('-EXECABORT');
    expect(await ask('a', 'GET k')).to.equal('(nil)');
  });

  it('share a bound with those of all clients, and give back what they held', async () => {
    await start({ transactionBytesOfAllMax: 1000, watchedBytesMax: 800 });
    const long = 'x'.repeat(700);
    for (let round = 0; round < 3; round += 1) {
      const ends = ['EXEC', 'DISCARD', 'RESET'];
      await ask('a', 'MULTI');
      expect(await ask('a', `SET k ${long}`)).to.equal('+QUEUED');
      await ask('b', 'MULTI');
      expect(await ask('b', `SET k ${long}`)).to.contain('-OVERLOADED');
      await ask('a', ends[round] ?? 'EXEC');
      await ask('b', 'DISCARD');
      expect(await ask('a', `WATCH ${long}`)).to.equal('+OK');
      expect(await ask('b', `WATCH ${long}`)).to.contain('-ERR the keys that are watched');
      await ask('a', 'UNWATCH');
    }
    expect(await ask('b', `WATCH ${long}`)).to.equal('+OK');
    clients[1]?.close();
    await clients[1]?.ended;
    expect(await ask('a', `WATCH ${long}`)).to.equal('+OK');
    expect(await ask('a', `WATCH ${long}y`)).to.contain('-ERR the keys that are watched');
  });

  it('are made by ioredis', async () => {
    await start();
    const redis = new Redis(front.port, '127.0.0.1');
    expect(await redis.multi().set('k', '1').incr('k').get('k').exec()).to.deep.equal([
      [null, 'OK'],
      [null, 2],
      [null, '2'],
    ]);
    await redis.watch('k');
    await ask('b', 'SET k w');
    expect(await redis.multi().set('k', 'mine').exec()).to.equal(null);
    const found: string[] = [];
    for await (const keys of redis.scanStream({ match: '?' })) found.push(...keys);
    expect(found).to.deep.equal(['k']);
    redis.disconnect();
  });

  it('are made by node-redis', async () => {
    await start();
    const redis = createClient({ url: `redis://127.0.0.1:${front.port}` });
    await redis.connect();
    expect(await redis.multi().set('k', '1').incrByFloat('k', 0.5).mGet(['k', 'l']).exec()).to.deep.equal([
      ...['OK', '1.5'],
      ['1.5', null],
    ]);
    await redis.watch('k');
    await ask('b', 'SET k w');
    const failure = await redis
      .multi()
      .set('k', 'mine')
      .exec()
      .catch((error: Error) => error);
    expect(failure).to.have.property('message', 'One (or more) of the watched keys has been changed');
    const found: string[] = [];
    for await (const keys of redis.scanIterator({ MATCH: '?', TYPE: 'string' })) found.push(...keys);
    expect(found).to.deep.equal(['k']);
    redis.destroy();
  });
});
