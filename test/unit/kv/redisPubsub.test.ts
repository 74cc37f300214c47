/** SUBSCRIBE, PUBLISH and what belongs to them, byte for byte as Redis 7.0 replies, in both versions of the protocol. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import type { FrontLimits } from '../../../kv/redis/limits.ts';
import { wordsOf } from './redisDialogue.ts';
import { encodeCommand, RawClient } from './redisRawClient.ts';
import { StateBackend } from './redisStateBackend.ts';

const refusalOf = (name: string): string =>
  `-ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n`;

/** A list of bulk strings, numbers and missing values; in RESP3 a push. */
function list(protocol: 2 | 3, ...elements: (string | number | null)[]): string {
  const each = elements.map((element) => {
    if (element === null) return protocol === 3 ? '_\r\n' : '$-1\r\n';
    return typeof element === 'number'
      ? `:${element}\r\n`
      : `$${Buffer.byteLength(element)}\r\n${element}\r\n`;
  });
  return `${protocol === 3 ? '>' : '*'}${elements.length}\r\n${each.join('')}`;
}

describe('subscribing through the Redis front', () => {
  let backend: StateBackend;
  let fronts: RedisFront[] = [];
  let clients: RawClient[] = [];
  let warnings: string[];

  const start = async (limits: Partial<FrontLimits> = {}, keyspaceEvents = ''): Promise<RedisFront> => {
    const onWarning = (message: string) => warnings.push(message.replace(/127\.0\.0\.1:\d+/, 'ADDRESS'));
    const front = await startRedisFront({
      ...{ host: '127.0.0.1', port: 0, backend, limits, keyspaceEvents, onWarning },
    });
    fronts.push(front);
    return front;
  };

  const connectTo = async (front: RedisFront, protocol: 2 | 3 = 2): Promise<RawClient> => {
    const client = await RawClient.connect(front.port);
    clients.push(client);
    if (protocol === 3) await client.ask('*0\r\n', 'HELLO', '3');
    client.received = '';
    return client;
  };

  /** Expects to read just this next. */
  const reads = async (client: RawClient, expected: string): Promise<void> => {
    await client.receivedWhen((received) => received.length >= expected.length);
    const { received } = client;
    client.received = '';
    expect(received).to.equal(expected);
  };

  const says = (client: RawClient, command: string, expected: string): Promise<void> => {
    client.send(encodeCommand(...wordsOf(command)));
    return reads(client, expected);
  };

  beforeEach(() => {
    backend = new StateBackend();
    warnings = [];
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    await Promise.all(fronts.map((front) => front.close()));
    clients = [];
    fronts = [];
  });

  for (const protocol of [2, 3] as const) {
    describe(`in RESP${protocol}`, () => {
      const told = (...elements: (string | number | null)[]): string => list(protocol, ...elements);

      it('tells what is subscribed to, and how much that is', async () => {
        const client = await connectTo(await start(), protocol);
        await says(client, 'UNSUBSCRIBE', told('unsubscribe', null, 0));
        await says(client, 'PUNSUBSCRIBE', told('punsubscribe', null, 0));
        await says(client, 'UNSUBSCRIBE z', told('unsubscribe', 'z', 0));
        const channels = [told('subscribe', 'a', 1), told('subscribe', 'b', 2), told('subscribe', 'a', 2)];
        await says(client, 'SUBSCRIBE a b a', channels.join(''));
        await says(client, 'PSUBSCRIBE a* [ab]', told('psubscribe', 'a*', 3) + told('psubscribe', '[ab]', 4));
        await says(client, 'UNSUBSCRIBE a z', told('unsubscribe', 'a', 3) + told('unsubscribe', 'z', 3));
        await says(client, 'UNSUBSCRIBE', told('unsubscribe', 'b', 2));
        await says(client, 'PUNSUBSCRIBE a*', told('punsubscribe', 'a*', 1));
        await says(client, 'PUNSUBSCRIBE', told('punsubscribe', '[ab]', 0));
        await says(client, 'GET none', protocol === 3 ? '_\r\n' : '$-1\r\n');
        await says(client, 'SUBSCRIBE', "-ERR wrong number of arguments for 'subscribe' command\r\n");
      });

      it('tells a message once for its channel, and once for each pattern that matches', async () => {
        const front = await start();
        const [client, other] = [await connectTo(front, protocol), await connectTo(front)];
        await says(client, 'SUBSCRIBE ab', told('subscribe', 'ab', 1));
        await says(client, 'PSUBSCRIBE a* b*', told('psubscribe', 'a*', 2) + told('psubscribe', 'b*', 3));
        await says(other, 'PUBLISH ab hello', ':2\r\n');
        await reads(client, told('message', 'ab', 'hello') + told('pmessage', 'a*', 'ab', 'hello'));
        await says(other, 'PUBLISH b ""', ':1\r\n');
        await reads(client, told('pmessage', 'b*', 'b', ''));
        await says(other, 'PUBLISH c x', ':0\r\n');
        await says(client, 'PUNSUBSCRIBE', told('punsubscribe', 'a*', 2) + told('punsubscribe', 'b*', 1));
        await says(other, 'PUBLISH ab again', ':1\r\n');
        await reads(client, told('message', 'ab', 'again'));
      });

      it('answers PING, QUIT and RESET', async () => {
        const front = await start();
        const [client, other] = [await connectTo(front, protocol), await connectTo(front)];
        await says(client, 'SUBSCRIBE a', told('subscribe', 'a', 1));
        await says(client, 'PING', protocol === 3 ? '+PONG\r\n' : '*2\r\n$4\r\npong\r\n$0\r\n\r\n');
        await says(client, 'PING hi', protocol === 3 ? '$2\r\nhi\r\n' : '*2\r\n$4\r\npong\r\n$2\r\nhi\r\n');
        await says(client, 'RESET', '+RESET\r\n');
        await says(client, 'PING', '+PONG\r\n');
        await says(client, 'GET none', '$-1\r\n');
        await says(other, 'PUBLISH a x', ':0\r\n');
        await says(client, 'PSUBSCRIBE a', list(2, 'psubscribe', 'a', 1));
        client.send('QUIT\n');
        expect(await client.ended).to.equal('+OK\r\n');
        await says(other, 'PUBSUB NUMPAT', ':0\r\n');
      });
    });
  }

  it('lets subscribers say in RESP2 what concerns their subscriptions alone', async () => {
    const client = await connectTo(await start());
    await says(client, 'SUBSCRIBE a', list(2, 'subscribe', 'a', 1));
    for (const command of ['GET x', 'HELLO 3', 'PUBLISH a 1', 'MULTI', 'WATCH k', 'PUBSUB NUMPAT']) {
      await says(client, command, refusalOf(command.split(' ')[0]?.toLowerCase() ?? ''));
    }
    await says(client, 'GET', "-ERR wrong number of arguments for 'get' command\r\n");
    await says(client, 'NONE', "-ERR unknown command 'NONE', with args beginning with: \r\n");
    expect(backend.runs).to.deep.equal([]);
  });

  it('lets subscribers say everything in RESP3, until they go back to RESP2', async () => {
    const client = await connectTo(await start(), 3);
    await says(client, 'SUBSCRIBE s', list(3, 'subscribe', 's', 1));
    await says(client, 'SET k v', '+OK\r\n');
    client.send(encodeCommand('PUBLISH', 's', 'm'));
    await client.receivedWhen((received) => received.includes('message') && received.includes(':1\r\n'));
    expect(client.received.replace(':1\r\n', '')).to.equal(list(3, 'message', 's', 'm'));
    await client.ask('*0\r\n', 'HELLO', '2');
    client.received = '';
    await says(client, 'GET k', refusalOf('get'));
  });

  it('goes by what a connection is when the turn of a command comes, however its bytes arrive', async () => {
    const front = await start();
    const words: [command: string, reply: string][] = [
      ['SET k v', '+OK\r\n'],
      ['SUBSCRIBE a', list(2, 'subscribe', 'a', 1)],
      ['GET k', refusalOf('get')],
      ['MULTI', refusalOf('multi')],
      ['UNSUBSCRIBE a', list(2, 'unsubscribe', 'a', 0)],
      ['GET k', '$1\r\nv\r\n'],
      ['PSUBSCRIBE p', list(2, 'psubscribe', 'p', 1)],
      ['PING', '*2\r\n$4\r\npong\r\n$0\r\n\r\n'],
      ['RESET', '+RESET\r\n'],
      ['APPEND k w', ':2\r\n'],
      ['PING', '+PONG\r\n'],
    ];
    const bytes = Buffer.concat(words.map(([command]) => encodeCommand(...wordsOf(command))));
    const replies = words.map(([, reply]) => reply).join('');
    for (const size of [bytes.length, 40, 7, 1]) {
      const client = await connectTo(front);
      for (let at = 0; at < bytes.length; at += size) {
        client.send(bytes.subarray(at, at + size));
        if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve));
      }
      await reads(client, replies);
    }
  });

  it('takes what comes in while a subscription waits for its turn', async () => {
    const front = await start();
    const [client, other] = [await connectTo(front), await connectTo(front)];
    let confirm = (): void => {};
    backend.confirmLeader = () =>
      new Promise((resolve) => {
        confirm = () => resolve('n1');
      });
    client.send('WAIT 1 0\nSUBSCRIBE a\nGET k\n');
    await other.ask('+PONG\r\n', 'PING');
    client.send('UNSUBSCRIBE\nECHO end\n');
    // Both reads have been made before the first command is answered, unless the second is not to be made yet.
    for (let n = 0; n < 20; n += 1) await other.ask('+PONG\r\n', 'PING');
    confirm();
    await reads(
      client,
      `:1\r\n${list(2, 'subscribe', 'a', 1)}${refusalOf('get')}${list(2, 'unsubscribe', 'a', 0)}$3\r\nend\r\n`,
    );
  });

  it('answers all that came before a client closed its side', async () => {
    const client = await connectTo(await start());
    client.socket.end(`SUBSCRIBE a\nGET k\nUNSUBSCRIBE\nSET k v\nGET k\n`);
    expect(await client.ended).to.equal(
      `${list(2, 'subscribe', 'a', 1)}${refusalOf('get')}${list(2, 'unsubscribe', 'a', 0)}+OK\r\n$1\r\nv\r\n`,
    );
  });

  it('keeps subscriptions out of transactions, and messages in them', async () => {
    const front = await start();
    const [client, other] = [await connectTo(front), await connectTo(front)];
    await says(other, 'SUBSCRIBE a', list(2, 'subscribe', 'a', 1));
    for (const command of ['SUBSCRIBE a', 'PSUBSCRIBE a', 'UNSUBSCRIBE', 'PUNSUBSCRIBE']) {
      await says(client, 'MULTI', '+OK\r\n');
      await says(client, command, '-ERR Command not allowed inside a transaction\r\n');
      await says(client, 'EXEC', '-EXECABORT Transaction discarded because of previous errors.\r\n');
    }
    await says(client, 'MULTI', '+OK\r\n');
    for (const command of ['SET k v', 'PUBLISH a one', 'PUBSUB NUMPAT', 'PUBLISH b two', 'GET k']) {
      await says(client, command, '+QUEUED\r\n');
    }
    await says(client, 'EXEC', '*5\r\n+OK\r\n:1\r\n:0\r\n:0\r\n$1\r\nv\r\n');
    await reads(other, list(2, 'message', 'a', 'one'));
    await says(client, 'MULTI', '+OK\r\n');
    await says(client, 'PUBLISH a three', '+QUEUED\r\n');
    await says(client, 'DISCARD', '+OK\r\n');
    await says(client, 'PUBLISH a four', ':1\r\n');
    await reads(other, list(2, 'message', 'a', 'four'));
  });

  it('does not tell a message that was applied before the subscription, and one before its end', async () => {
    const front = await start();
    const [client, other] = [await connectTo(front, 3), await connectTo(front)];
    // Without anybody, the node would not even note messages.
    await says(other, 'SUBSCRIBE z', list(2, 'subscribe', 'z', 1));
    client.send('PUBLISH a 1\nSUBSCRIBE a\nPUBLISH a 2\nUNSUBSCRIBE a\nPUBLISH a 3\nECHO end\n');
    await client.receivedUpTo('$3\r\nend\r\n');
    const texts = client.received.match(/\$1\r\n\d/g)?.map((text) => text.at(-1));
    expect(texts).to.deep.equal(['2']);
  });

  it('says which channels and patterns there are', async () => {
    const front = await start();
    const [client, other] = [await connectTo(front), await connectTo(front)];
    await says(client, 'SUBSCRIBE a b', list(2, 'subscribe', 'a', 1) + list(2, 'subscribe', 'b', 2));
    await says(client, 'PSUBSCRIBE a*', list(2, 'psubscribe', 'a*', 3));
    for (const [command, reply] of [
      ['PUBSUB CHANNELS', '*2\r\n$1\r\na\r\n$1\r\nb\r\n'],
      ['PUBSUB CHANNELS b*', '*1\r\n$1\r\nb\r\n'],
      ['PUBSUB NUMSUB', '*0\r\n'],
      ['PUBSUB NUMSUB a q', '*4\r\n$1\r\na\r\n:1\r\n$1\r\nq\r\n:0\r\n'],
      ['PUBSUB NUMPAT', ':1\r\n'],
      ['PUBSUB NUMPAT x', "-ERR wrong number of arguments for 'pubsub|numpat' command\r\n"],
      ['PUBSUB FOO', "-ERR unknown subcommand 'FOO'. Try PUBSUB HELP.\r\n"],
      [
        'PUBSUB CHANNELS a b',
        "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.\r\n",
      ],
    ] as const) {
      await says(other, command, reply);
    }
    const lists = await other.ask('\n\r\n', 'CLIENT', 'LIST', 'TYPE', 'pubsub');
    expect(lists.match(/id=\d+ .*flags=P db=0 sub=2 psub=1 /g)).to.have.length(1);
    expect(await other.ask('\n\r\n', 'CLIENT', 'LIST', 'TYPE', 'normal')).to.match(
      /flags=N db=0 sub=0 psub=0 /,
    );
    expect(await other.ask('\r\n\r\n', 'INFO', 'stats')).to.match(
      /\r\npubsub_channels:2\r\npubsub_patterns:1\r\n/,
    );
    client.close();
    await other.receivedWhen(() => true);
    while (front.connections() > 1) await delay(1);
    other.received = '';
    await says(other, 'PUBSUB CHANNELS', '*0\r\n');
  });

  it('tells changes of keys on the channels that are switched on', async () => {
    const front = await start({}, 'K$');
    const [client, other] = [await connectTo(front), await connectTo(front)];
    await says(client, 'PSUBSCRIBE *', list(2, 'psubscribe', '*', 1));
    const told = (channel: string, text: string): string => list(2, 'pmessage', '*', channel, text);
    await says(other, 'SET k v EX 100', '+OK\r\n');
    await reads(client, told('__keyspace@0__:k', 'set'));
    await says(other, 'CONFIG SET notify-keyspace-events Exg', '+OK\r\n');
    await says(other, 'SET k v PX 10', '+OK\r\n');
    await reads(client, told('__keyevent@0__:expire', 'k'));
    backend.applied.clock += 1000;
    backend.applied.tick();
    await reads(client, told('__keyevent@0__:expired', 'k'));
    await says(other, 'CONFIG SET notify-keyspace-events AKEn', '+OK\r\n');
    await says(other, 'APPEND j v', ':1\r\n');
    const news = ['new', 'append'].flatMap((event) => [
      told('__keyspace@0__:j', event),
      told(`__keyevent@0__:${event}`, 'j'),
    ]);
    await reads(client, news.join(''));
    await says(other, 'CONFIG SET notify-keyspace-events ""', '+OK\r\n');
    await says(other, 'DEL j', ':1\r\n');
    await says(other, 'PUBLISH c last', ':1\r\n');
    await reads(client, told('c', 'last'));
  });

  it('tells keys of any bytes', async () => {
    const front = await start({}, 'KEA');
    const [client, other] = [await connectTo(front), await connectTo(front)];
    const key = Buffer.from([0, 13, 10, 0xff, 0xc3]);
    client.send(encodeCommand('SUBSCRIBE', Buffer.concat([Buffer.from('__keyspace@0__:'), key])));
    await client.receivedUpTo(':1\r\n');
    client.send(encodeCommand('SUBSCRIBE', '__keyevent@0__:set'));
    await client.receivedUpTo(':2\r\n');
    client.received = '';
    other.send(encodeCommand('SET', key, 'v'));
    const text = key.toString('latin1');
    const [channel, event] = [`$20\r\n__keyspace@0__:${text}\r\n`, '$18\r\n__keyevent@0__:set\r\n'];
    await reads(
      client,
      `*3\r\n$7\r\nmessage\r\n${channel}$3\r\nset\r\n*3\r\n$7\r\nmessage\r\n${event}$5\r\n${text}\r\n`,
    );
  });

  it('sets what is told as Redis does', async () => {
    const client = await connectTo(await start());
    const name = 'notify-keyspace-events';
    for (const [flags, text] of [
      ['""', ''],
      ['KEA', 'AKE'],
      ['gKE$', 'g$KE'],
      ['KEg$lshzxetdnm', 'AKEmn'],
      ['xE', 'xE'],
    ] as const) {
      await says(client, `CONFIG SET ${name} ${flags}`, '+OK\r\n');
      await says(client, `CONFIG GET ${name}`, `*2\r\n$22\r\n${name}\r\n$${text.length}\r\n${text}\r\n`);
    }
    for (const [args, complaint] of [
      [
        `${name} Q`,
        `CONFIG SET failed (possibly related to argument '${name}') - Invalid event class character. Use 'Ag$lshzxeKEtmdn'.`,
      ],
      ['foo 1', "Unknown option or number of arguments for CONFIG SET - 'foo'"],
      [name, "wrong number of arguments for 'config|set' command"],
      [`${name} K foo 1`, "Unknown option or number of arguments for CONFIG SET - 'foo'"],
      [
        'databases 3',
        "CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config",
      ],
      [
        `${name} K ${name} E`,
        `CONFIG SET failed (possibly related to argument '${name}') - duplicate parameter`,
      ],
      ['a b c', 'syntax error'],
    ] as const) {
      await says(client, `CONFIG SET ${args}`, `-ERR ${complaint}\r\n`);
    }
    await says(client, `CONFIG GET ${name}`, `*2\r\n$22\r\n${name}\r\n$2\r\nxE\r\n`);
  });

  it('refuses to begin with flags that there are not', async () => {
    const refusal = await start({}, 'KEQ').catch((error: Error) => error.message);
    expect(refusal).to.match(/^keyspaceEvents is "KEQ": give some of the characters Ag\$lshzxeKEtmdn\.$/);
  });

  it('cuts off a subscriber that does not read, and tells the others', async () => {
    const front = await start({ unsentBytesSoft: 1_000_000 });
    const [slow, quick, other] = [await connectTo(front), await connectTo(front), await connectTo(front)];
    await says(slow, 'SUBSCRIBE a', list(2, 'subscribe', 'a', 1));
    await says(quick, 'SUBSCRIBE a', list(2, 'subscribe', 'a', 1));
    slow.socket.pause();
    const message = 'm'.repeat(100_000);
    let published = 0;
    while (warnings.length === 0) {
      await other.ask('\r\n', 'PUBLISH', 'a', message);
      published += 1;
    }
    expect(warnings[0]).to.match(
      /^Redis client ADDRESS cut off: it takes none of \d+ bytes that it is subscribed to\.$/,
    );
    const expected = list(2, 'message', 'a', message).length * published;
    await quick.receivedWhen((received) => received.length >= expected);
    expect(quick.received.length).to.equal(expected);
    other.received = '';
    await says(other, 'PUBSUB NUMSUB a', '*2\r\n$1\r\na\r\n:1\r\n');
  });

  it('tells short messages and long ones in their order, in each version of the protocol', async () => {
    const front = await start();
    const [older, newer, other] = [await connectTo(front), await connectTo(front, 3), await connectTo(front)];
    await says(older, 'SUBSCRIBE a', list(2, 'subscribe', 'a', 1));
    await says(newer, 'SUBSCRIBE a', list(3, 'subscribe', 'a', 1));
    const messages = [1, 20_000, 2, 16_384, 16_000, 3].map((length, n) => String(n).repeat(length));
    other.send(
      encodeCommand('MULTI'),
      ...messages.map((message) => encodeCommand('PUBLISH', 'a', message)),
      encodeCommand('EXEC'),
    );
    await reads(older, messages.map((message) => list(2, 'message', 'a', message)).join(''));
    await reads(newer, messages.map((message) => list(3, 'message', 'a', message)).join(''));
  });

  it('does not hang up on a subscriber that is silent', async () => {
    const front = await start({ idleMsMax: 50 });
    const [client, other] = [await connectTo(front), await connectTo(front)];
    await says(client, 'SUBSCRIBE a', list(2, 'subscribe', 'a', 1));
    expect(await other.ended).to.equal('');
    await delay(150);
    expect(front.connections()).to.equal(1);
  });

  it('bounds what may be subscribed to', async () => {
    const front = await start({ subscribedBytesMax: 500, subscribedBytesOfAllMax: 900, patternsMax: 1 });
    const [a, b, c] = [await connectTo(front), await connectTo(front), await connectTo(front)];
    const long = 'n'.repeat(200);
    await says(a, `SUBSCRIBE ${long}`, list(2, 'subscribe', long, 1));
    const refusal = '-ERR what this client subscribes to is over the limit of 500 bytes\r\n';
    await says(a, `SUBSCRIBE ${long} x`, `${list(2, 'subscribe', long, 1)}${refusal}`);
    await says(b, `SUBSCRIBE ${long}`, list(2, 'subscribe', long, 1));
    await says(c, 'SUBSCRIBE x', '-ERR what all clients subscribe to is over the limit of 900 bytes\r\n');
    await says(a, 'UNSUBSCRIBE', list(2, 'unsubscribe', long, 0));
    await says(a, 'PSUBSCRIBE p', list(2, 'psubscribe', 'p', 1));
    await says(c, 'PSUBSCRIBE q', '-ERR all clients together may subscribe to 1 patterns\r\n');
    await says(c, 'PSUBSCRIBE p', list(2, 'psubscribe', 'p', 1));
  });

  it('refuses a pattern that is too long', async () => {
    const client = await connectTo(await start());
    const pattern = 'p'.repeat(1025);
    const refusal = '-ERR a pattern of 1025 bytes is over the limit of 1024\r\n';
    await says(client, `PSUBSCRIBE ${pattern}`, refusal);
    await says(client, `PUBSUB CHANNELS ${pattern}`, refusal);
    await says(client, 'GET none', '$-1\r\n');
  });

  it('has the node tell nothing that nobody wants to know', async () => {
    const { state } = backend.applied;
    const asked: string[] = [];
    backend.listen = (audience) => {
      asked.push(`${audience.keyChanged ? 'keys' : ''} ${audience.published ? 'messages' : ''}`);
      state.listen(audience);
    };
    const front = await start();
    const client = await connectTo(front);
    const lastAsked = async (command: string, reply: string): Promise<string | undefined> => {
      await says(client, command, reply);
      return asked.at(-1);
    };
    const name = 'notify-keyspace-events';
    expect(await lastAsked(`CONFIG SET ${name} KEA`, '+OK\r\n')).to.equal(' ');
    expect(await lastAsked('SUBSCRIBE a', list(2, 'subscribe', 'a', 1))).to.equal('keys messages');
    expect(await lastAsked('UNSUBSCRIBE a', list(2, 'unsubscribe', 'a', 0))).to.equal(' ');
    for (const flags of ['KE', 'A', 'KEl', '""']) {
      await says(client, `CONFIG SET ${name} ${flags}`, '+OK\r\n');
      expect(await lastAsked('PSUBSCRIBE a', list(2, 'psubscribe', 'a', 1)), flags).to.equal(' messages');
      expect(await lastAsked('PUNSUBSCRIBE', list(2, 'punsubscribe', 'a', 0))).to.equal(' ');
    }
  });
});
