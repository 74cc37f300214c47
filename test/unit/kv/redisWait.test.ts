/** WAIT: what a node may say of the others. */
import { expect } from 'chai';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import { MemoryBackend } from './redisMemoryBackend.ts';
import { RawClient } from './redisRawClient.ts';

/** The node is n2 of three; its log ends at 42. */
describe('WAIT', () => {
  let backend: MemoryBackend;
  let front: RedisFront;
  let client: RawClient;

  beforeEach(async () => {
    backend = new MemoryBackend();
    front = await startRedisFront({ host: '127.0.0.1', port: 0, backend });
    client = await RawClient.connect(front.port);
  });

  afterEach(async () => {
    client.close();
    await front.close();
  });

  const wait = (...args: string[]): Promise<string> => client.ask('\r\n', 'WAIT', ...args);

  it('tells at once of a majority, which every write is on that was replied to', async () => {
    expect(await wait('1', '0')).to.equal(':1\r\n');
  });

  it('tells no more than that where it does not lead', async () => {
    backend.matchIndex = { n1: 42, n3: 42 };
    expect(await wait('2', '0')).to.equal(':1\r\n');
    backend.leader = null;
    expect(await wait('2', '0')).to.equal(':1\r\n');
  });

  it('counts, where it leads, the nodes that have all of the log', async () => {
    backend.leader = 'n2';
    backend.matchIndex = { n1: 42, n2: 42, n3: 42 };
    expect(await wait('9', '20')).to.equal(':2\r\n');
    backend.matchIndex = { n1: 42, n2: 42, n3: 41 };
    expect(await wait('9', '20')).to.equal(':1\r\n');
    backend.matchIndex = { n2: 42 };
    expect(await wait('9', '20'), 'its commands were committed all the same').to.equal(':1\r\n');
  });

  it('waits until one more has it, and no longer', async () => {
    backend.leader = 'n2';
    backend.matchIndex = { n1: 42, n3: 41 };
    const reply = wait('2', '0');
    expect(await Promise.race([reply, new Promise((resolve) => setImmediate(resolve, 'waits'))])).to.equal(
      'waits',
    );
    backend.matchIndex = { n1: 42, n3: 42 };
    expect(await reply).to.equal(':2\r\n');
  });

  const refusals: [args: string[], reply: string][] = [
    [['1'], "-ERR wrong number of arguments for 'wait' command\r\n"],
    [['x', '1'], '-ERR value is not an integer or out of range\r\n'],
    [['1', 'x'], '-ERR timeout is not an integer or out of range\r\n'],
    [['1', '-1'], '-ERR timeout is negative\r\n'],
  ];
  for (const [args, reply] of refusals) {
    it(`refuses ${args.join(' ')} as Redis does`, async () => {
      expect(await wait(...args)).to.equal(reply);
    });
  }
});
