import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createClient, RESP_TYPES } from 'redis';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import { MemoryBackend } from './redisMemoryBackend.ts';

/** Every byte there is. */
const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe('the Redis front, used through the common clients', () => {
  let front: RedisFront;

  beforeEach(async () => {
    front = await startRedisFront({ host: '127.0.0.1', port: 0, backend: new MemoryBackend() });
  });

  afterEach(() => front.close());

  describe('ioredis', () => {
    let redis: Redis;

    beforeEach(() => {
      redis = new Redis(front.port, '127.0.0.1');
    });

    afterEach(() => redis.disconnect());

    it('sets, reads and deletes values', async () => {
      expect(await redis.get('k')).to.equal(null);
      expect(await redis.set('k', 'value')).to.equal('OK');
      expect(await redis.append('k', 's')).to.equal(6);
      expect(await redis.get('k')).to.equal('values');
      expect(await redis.strlen('k')).to.equal(6);
      expect(await redis.exists('k', 'k', 'none')).to.equal(2);
      expect(await redis.mget('k', 'none')).to.deep.equal(['values', null]);
      expect(await redis.del('k', 'none')).to.equal(1);
    });

    it('keeps values of any bytes', async () => {
      await redis.set(binary, binary);
      expect(await redis.getBuffer(binary)).to.deep.equal(binary);
    });

    it('pipelines', async () => {
      const results = await redis.pipeline().set('k', '1').append('k', '2').get('k').call('foo').exec();
      expect(results?.slice(0, 3)).to.deep.equal([
        [null, 'OK'],
        [null, 2],
        [null, '12'],
      ]);
      expect(results?.[3]?.[0])
        .to.be.instanceOf(Error)
        .with.property('message')
        .that.contains('unknown command');
    });

    it('works in the older version of the protocol, too', async () => {
      const older = new Redis({ port: front.port, host: '127.0.0.1', protocol: 2 });
      expect(await older.mget('none')).to.deep.equal([null]);
      expect(await older.config('GET', 'save')).to.deep.equal(['save', '']);
      older.disconnect();
    });

    it('introduces itself', async () => {
      expect(await redis.client('LIST')).to.match(/ resp=3 lib-name=ioredis lib-ver=\d/);
    });
  });

  describe('node-redis', () => {
    const connect = () => createClient({ url: `redis://127.0.0.1:${front.port}` }).connect();
    let redis: Awaited<ReturnType<typeof connect>>;

    beforeEach(async () => {
      redis = await connect();
    });

    afterEach(() => redis.destroy());

    it('sets, reads and deletes values', async () => {
      expect(await redis.get('k')).to.equal(null);
      expect(await redis.set('k', 'value')).to.equal('OK');
      expect(await redis.append('k', 's')).to.equal(6);
      expect(await redis.get('k')).to.equal('values');
      expect(await redis.strLen('k')).to.equal(6);
      expect(await redis.exists(['k', 'k', 'none'])).to.equal(2);
      expect(await redis.mGet(['k', 'none'])).to.deep.equal(['values', null]);
      expect(await redis.del(['k', 'none'])).to.equal(1);
    });

    it('keeps values of any bytes', async () => {
      const withBuffers = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      await redis.set(binary, binary);
      expect(await withBuffers.get(binary)).to.deep.equal(binary);
    });

    it('is told of errors', async () => {
      const error = await redis.sendCommand(['SET', 'k', 'v', 'FLY']).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error).with.property('message', 'ERR syntax error');
    });

    it('reads the descriptions of commands, connections and settings', async () => {
      const [get] = await redis.commandInfo(['get']);
      expect(get).to.include({ name: 'get', arity: 2, firstKeyIndex: 1 });
      expect(await redis.clientInfo()).to.include({ libName: 'node-redis', resp: 3 });
      expect(await redis.configGet('append*ly')).to.deep.equal({ appendonly: 'yes' });
    });

    it('works in the older version of the protocol, too', async () => {
      const older = createClient({ url: `redis://127.0.0.1:${front.port}`, RESP: 2 });
      await older.connect();
      expect(await older.mGet(['none'])).to.deep.equal([null]);
      expect(await older.configGet('save')).to.deep.equal({ save: '' });
      older.destroy();
    });
  });
});
