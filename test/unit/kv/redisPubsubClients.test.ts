/** Subscribing through the common clients, in the versions of the protocol that each of them speaks. */
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import { eventually } from '../../eventually.ts';
import { StateBackend } from './redisStateBackend.ts';

const host = '127.0.0.1';

describe('subscribing through the common clients', () => {
  let front: RedisFront;
  let heard: string[];

  const until = (count: number): Promise<true> =>
    eventually(`${count} messages were told`, async () => heard.length >= count || undefined);

  beforeEach(async () => {
    heard = [];
    const backend = new StateBackend();
    front = await startRedisFront({ host, port: 0, backend, keyspaceEvents: 'KEA' });
  });

  afterEach(() => front.close());

  for (const protocol of [2, 3] as const) {
    it(`works with ioredis in RESP${protocol}`, async () => {
      const make = () => new Redis({ port: front.port, host, protocol });
      const [subscriber, other] = [make(), make()];
      try {
        subscriber.on('message', (channel, message) => heard.push(`${channel} ${message}`));
        subscriber.on('pmessage', (pattern, channel, message) =>
          heard.push(`${pattern} ${channel} ${message}`),
        );
        expect(await subscriber.subscribe('a', 'b')).to.equal(2);
        expect(await subscriber.psubscribe('__key*__:*')).to.equal(3);
        expect(await other.publish('a', 'hello')).to.equal(1);
        await other.set('k', 'v');
        await until(3);
        expect(heard).to.deep.equal([
          'a hello',
          '__key*__:* __keyspace@0__:k set',
          '__key*__:* __keyevent@0__:set k',
        ]);
        expect(await subscriber.unsubscribe('a', 'b')).to.equal(1);
        expect(await subscriber.punsubscribe()).to.equal(0);
        expect(await subscriber.get('k')).to.equal('v');
      } finally {
        subscriber.disconnect();
        other.disconnect();
      }
    });

    it(`works with node-redis in RESP${protocol}`, async () => {
      const make = () => createClient({ url: `redis://${host}:${front.port}`, RESP: protocol }).connect();
      const [subscriber, other] = [await make(), await make()];
      try {
        const note = (message: string, channel: string) => heard.push(`${channel} ${message}`);
        await subscriber.subscribe(['a', 'b'], note);
        await subscriber.pSubscribe('__key*__:*', note);
        expect(await other.publish('a', 'hello')).to.equal(1);
        await other.set('k', 'v');
        await until(3);
        expect(heard).to.deep.equal(['a hello', '__keyspace@0__:k set', '__keyevent@0__:set k']);
        expect(await other.pubSubNumSub('a')).to.deep.equal({ a: 1 });
        await subscriber.unsubscribe();
        await subscriber.pUnsubscribe();
        expect(await other.publish('a', 'hello')).to.equal(0);
        // In RESP2 it gives a Buffer here, behind a real Redis too.
        expect(String(await subscriber.get('k'))).to.equal('v');
      } finally {
        subscriber.destroy();
        other.destroy();
      }
    });
  }
});
