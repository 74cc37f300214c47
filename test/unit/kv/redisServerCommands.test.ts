/** What tools and dashboards ask of a server, and what they are told. */
import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { Session } from '../../../kv/redis/backend.ts';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import { StateBackend } from './redisStateBackend.ts';

/** It takes its time once, when it is told to. */
class SlowBackend extends StateBackend {
  delayMs = 0;

  override openSession(): Session {
    const session = super.openSession();
    return {
      ...session,
      submit: (operations, done) => {
        setTimeout(() => session.submit(operations, done), this.delayMs);
        this.delayMs = 0;
      },
    };
  }
}

describe('what tools ask of a server', () => {
  let backend: SlowBackend;
  let front: RedisFront;
  let redis: Redis;

  beforeEach(async () => {
    backend = new SlowBackend();
    front = await startRedisFront({ host: '127.0.0.1', port: 0, backend });
    redis = new Redis({ host: '127.0.0.1', port: front.port, connectionName: 'someone' });
  });

  afterEach(async () => {
    redis.disconnect();
    await front.close();
  });

  /** The fields of a command in INFO commandstats, without its times. */
  const figuresOf = async (name: string): Promise<string | undefined> => {
    const [, figures] =
      new RegExp(`^cmdstat_${name}:(.*)\r$`, 'm').exec(await redis.info('commandstats')) ?? [];
    return figures?.replace(/usec=\d+,usec_per_call=\d+\.\d\d,/, '');
  };

  it('counts the calls of each command, those that failed, and those that were refused', async () => {
    await redis.set('k', 'v');
    await redis.pipeline().get('k').get('k').call('get').call('set', 'k', 'v', 'FLY').incr('k').exec();
    expect(await figuresOf('get')).to.equal('calls=2,rejected_calls=1,failed_calls=0');
    expect(await figuresOf('set')).to.equal('calls=1,rejected_calls=1,failed_calls=0');
    expect(await figuresOf('incr')).to.equal('calls=1,rejected_calls=0,failed_calls=1');
    expect(await figuresOf('info')).to.match(/^calls=\d+,/);
    expect(await figuresOf('mget')).to.equal(undefined);
  });

  it('counts the commands of a transaction when it takes effect', async () => {
    await redis.multi().set('k', 'v').get('k').exec();
    await redis.multi({ pipeline: false });
    await redis.set('k', 'w');
    await redis.discard();
    expect(await figuresOf('exec')).to.equal('calls=1,rejected_calls=0,failed_calls=0');
    expect(await figuresOf('set')).to.equal('calls=1,rejected_calls=0,failed_calls=0');
    expect(await figuresOf('get')).to.equal('calls=1,rejected_calls=0,failed_calls=0');
  });

  it('begins to count anew at CONFIG RESETSTAT', async () => {
    await redis.set('k', 'v');
    expect(await redis.config('RESETSTAT')).to.equal('OK');
    expect(await figuresOf('set')).to.equal(undefined);
    expect(await redis.info('stats')).to.match(/^total_commands_processed:[12]\r$/m);
  });

  it('has the commands that took long in SLOWLOG, the last one first', async () => {
    await redis.set('quick', 'v');
    expect(await redis.slowlog('LEN')).to.equal(0);
    for (const key of ['one', 'two']) {
      backend.delayMs = 120;
      await redis.set(key, 'x'.repeat(200));
    }
    const entries = (await redis.slowlog('GET')) as unknown[][];
    expect(entries.map(([id, , , words]) => [id, words])).to.deep.equal([
      [1, ['set', 'two', `${'x'.repeat(128)}... (72 more bytes)`]],
      [0, ['set', 'one', `${'x'.repeat(128)}... (72 more bytes)`]],
    ]);
    const [, at, microseconds, , address, name] = entries[0] ?? [];
    expect(at).to.be.closeTo(Date.now() / 1000, 30);
    expect(microseconds).to.be.within(110_000, 60_000_000);
    expect(address).to.match(/^127\.0\.0\.1:\d+$/);
    expect(name).to.equal('someone');
    expect(await redis.slowlog('GET', 1)).to.have.length(1);
    expect(await redis.slowlog('GET', -1)).to.have.length(2);
    expect(await redis.slowlog('RESET')).to.equal('OK');
    expect(await redis.slowlog('LEN')).to.equal(0);
  });

  it('keeps no more than 128 slow commands, and 32 words of each', async () => {
    backend.delayMs = 120;
    const pipeline = redis.pipeline();
    for (let n = 0; n < 130; n += 1) pipeline.get(`k${n}`);
    await pipeline.exec();
    backend.delayMs = 120;
    await redis.mget(Array.from({ length: 40 }, (_, n) => `k${n}`));
    expect(await redis.slowlog('LEN')).to.equal(128);
    const [[, , , words] = []] = (await redis.slowlog('GET', 1)) as unknown[][];
    expect(words).to.have.length(32);
    expect((words as string[]).at(-1)).to.equal('... (10 more arguments)');
  });

  it('tells the time, the role and the last snapshot', async () => {
    const [seconds, microseconds] = await redis.time();
    expect(Number(seconds)).to.be.closeTo(Date.now() / 1000, 30);
    expect(Number(microseconds)).to.be.within(0, 999_999);
    expect((await redis.role())[0]).to.equal('master');
    expect(await redis.lastsave()).to.be.closeTo(Date.now() / 1000, 30);
  });

  it('has no latencies, as a Redis that monitors none', async () => {
    expect(await redis.latency('LATEST')).to.deep.equal([]);
    expect(await redis.latency('RESET')).to.equal(0);
    expect(await redis.config('GET', 'latency-monitor-threshold', 'slowlog-*')).to.include('100000');
  });

  it('tells how Redis would hold a value, and what memory it takes', async () => {
    const replyTo = (line: string): Promise<unknown> => {
      const [name = '', ...args] = line.split(' ');
      return redis.call(name, ...args).catch(({ message }: Error) => message);
    };
    const dialogue: [line: string, reply: unknown][] = [
      ['SET number 12345678901', 'OK'],
      ['OBJECT ENCODING number', 'int'],
      ['SET word hello', 'OK'],
      ['OBJECT encoding word', 'embstr'],
      [`SET text ${'x'.repeat(45)}`, 'OK'],
      ['OBJECT ENCODING text', 'raw'],
      ['SET number 012', 'OK'],
      ['OBJECT ENCODING number', 'embstr'],
      ['OBJECT REFCOUNT word', 1],
      ['OBJECT ENCODING nothing', null],
      ['OBJECT ENCODING', "ERR wrong number of arguments for 'object|encoding' command"],
      ['OBJECT SIZE word', "ERR unknown subcommand 'SIZE': give ENCODING or REFCOUNT."],
      [
        'OBJECT FREQ word',
        'ERR An LFU maxmemory policy is not selected, access frequencies are not tracked here: no key is ever evicted.',
      ],
      ['MEMORY USAGE word', 159],
      ['MEMORY USAGE word SAMPLES 0', 159],
      ['MEMORY USAGE nothing', null],
      ['MEMORY USAGE word SAMPLES', 'ERR syntax error'],
      ['MEMORY USAGE word SAMPLES -1', 'ERR syntax error'],
      ['MEMORY DOCTOR', "ERR unknown subcommand 'DOCTOR': give USAGE, or see INFO memory."],
      ['MULTI', 'OK'],
      ['OBJECT ENCODING word', 'QUEUED'],
      ['EXEC', ['embstr']],
    ];
    for (const [line, reply] of dialogue) expect(await replyTo(line), line).to.deep.equal(reply);
  });

  it('gives a hint where Redis has a command that is not here', async () => {
    const refusalOf = (...words: [string, ...string[]]) =>
      redis.call(...words).then(String, ({ message }: Error) => message);
    expect(await refusalOf('LPUSH', 'k', 'v')).to.equal(
      "ERR unknown command 'LPUSH', with args beginning with: 'k' 'v' (values here are strings)",
    );
    expect(await refusalOf('bgsave')).to.contain('a majority before it is answered');
    expect(await refusalOf('FLY')).to.equal("ERR unknown command 'FLY', with args beginning with: ");
  });
});
