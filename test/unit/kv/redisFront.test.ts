import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { KvError, OperationCode, ok } from '../../../kv/operation.ts';
import type { FrontBackend } from '../../../kv/redis/backend.ts';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import type { FrontLimits } from '../../../kv/redis/limits.ts';
import { CannotListen, PortInUse } from '../../../runtime/transport/listenErrors.ts';
import { MemoryBackend } from './redisMemoryBackend.ts';
import { encodeCommand, RawClient } from './redisRawClient.ts';

type Spied = 'write' | 'pause';

/** Hears of every call of a socket's method until it is stopped; the method does its work all the same. */
function spy(method: Spied, heard: (socket: Socket) => void): { stop(): void } {
  const own = Object.getOwnPropertyDescriptor(Socket.prototype, method);
  const original = Socket.prototype[method];
  Object.defineProperty(Socket.prototype, method, {
    configurable: true,
    value(this: Socket, ...args: unknown[]) {
      heard(this);
      return Reflect.apply(original, this, args);
    },
  });
  return {
    stop: () => {
      if (own === undefined) Reflect.deleteProperty(Socket.prototype, method);
      else Object.defineProperty(Socket.prototype, method, own);
    },
  };
}

/** Lets the event loop turn until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate();
}

describe('the Redis front', () => {
  let backend: MemoryBackend;
  let fronts: RedisFront[];
  let clients: RawClient[];
  let warnings: string[];

  beforeEach(() => {
    backend = new MemoryBackend();
    fronts = [];
    clients = [];
    warnings = [];
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    await Promise.all(fronts.map((front) => front.close()));
  });

  const start = async (
    limits: Partial<FrontLimits> = {},
    service: FrontBackend = backend,
  ): Promise<RedisFront> => {
    const onWarning = (message: string): void => {
      // Which port the system has chosen for the client is its own business.
      warnings.push(message.replace(/127\.0\.0\.1:\d+/, 'ADDRESS'));
    };
    const front = await startRedisFront({ host: '127.0.0.1', port: 0, backend: service, limits, onWarning });
    fronts.push(front);
    return front;
  };

  const connectTo = async (front: RedisFront): Promise<RawClient> => {
    const client = await RawClient.connect(front.port);
    clients.push(client);
    return client;
  };

  const codesOfRuns = (): number[][] => backend.runs.map((run) => run.map(({ code }) => code));

  it('answers in the order of the commands, whoever answers them', async () => {
    const client = await connectTo(await start());
    const { put, get, append, del } = OperationCode;
    client.send('PING 1\nSET k a\nAPPEND k b\nPING 2\nGET k\nfoo\nGET k\nDEL k\nGET k\nPING 3\n');
    const received = await client.receivedUpTo('$1\r\n3\r\n');
    expect(received).to.equal(
      "$1\r\n1\r\n+OK\r\n:2\r\n$1\r\n2\r\n$2\r\nab\r\n-ERR unknown command 'foo', with args beginning with: \r\n" +
        '$2\r\nab\r\n:1\r\n$-1\r\n$1\r\n3\r\n',
    );
    expect(codesOfRuns()).to.deep.equal([[put, append], [get], [get], [del], [get]]);
  });

  it('submits neighbours of a class as one run', async () => {
    const client = await connectTo(await start());
    const { put, get, exists, strlen, del } = OperationCode;
    client.send('SET a 1\nSET b 2\nDEL a\nGET b\nEXISTS a b\nSTRLEN b\nSET c 3\n');
    await client.receivedUpTo(':1\r\n+OK\r\n');
    expect(codesOfRuns()).to.deep.equal([[put, put, del], [get, exists, strlen], [put]]);
  });

  it('has one run of a connection under way, while others go on', async () => {
    const front = await start();
    const [waiting, other] = [await connectTo(front), await connectTo(front)];
    backend.isHolding = true;
    waiting.send('SET k 1\nGET k\nPING\n');
    await until(() => backend.runs.length === 1);
    expect(await other.ask('+PONG\r\n', 'PING')).to.equal('+PONG\r\n');
    other.send('GET k\nPING\n');
    await until(() => backend.runs.length === 2);
    expect(codesOfRuns()).to.deep.equal([[OperationCode.put], [OperationCode.get]]);
    backend.release();
    expect(await waiting.receivedUpTo('+PONG\r\n')).to.equal('+OK\r\n$1\r\n1\r\n+PONG\r\n');
  });

  it('writes the replies of a batch at once', async () => {
    const front = await start();
    const client = await connectTo(front);
    let writes = 0;
    const spied = spy('write', (socket) => {
      if (socket.localPort === front.port) writes += 1;
    });
    try {
      client.send('PING\nPING\nSET a 1\nSET b 2\nPING\nPING\nfoo\n');
      await client.receivedUpTo('with args beginning with: \r\n');
      // The first two need not wait for the service; the others follow when it is done.
      expect(writes).to.equal(2);
      client.send('PING\n'.repeat(100));
      await client.receivedUpTo('+PONG\r\n'.repeat(100));
      expect(writes).to.equal(3);
    } finally {
      spied.stop();
    }
  });

  it('answers at once, in one write, with a service that does', async () => {
    let submitted = 0;
    const service: FrontBackend = {
      openSession: () => ({
        submit: (operations, done) => {
          submitted += 1;
          done(operations.map(({ code }) => (code === OperationCode.put ? ok : null)));
        },
        close: () => {},
      }),
      status: () => backend.status(),
      ...{ keyNames: () => [], listen: () => {}, confirmLeader: async () => null },
    };
    const front = await start({}, service);
    const client = await connectTo(front);
    let writes = 0;
    const spied = spy('write', (socket) => {
      if (socket.localPort === front.port) writes += 1;
    });
    try {
      client.send('SET a 1\nGET a\nPING\nSET b 2\n');
      expect(await client.receivedUpTo('PONG\r\n+OK\r\n')).to.equal('+OK\r\n$-1\r\n+PONG\r\n+OK\r\n');
      expect({ writes, submitted }).to.deep.equal({ writes: 1, submitted: 3 });
    } finally {
      spied.stop();
    }
  });

  it('gives the errors of the service as the replies of their commands', async () => {
    const client = await connectTo(await start());
    backend.failure = { key: 'k', error: new KvError('TIMEOUT', 'no majority answered') };
    client.send('SET j 1\nSET k 1\nGET j\n');
    expect(await client.receivedUpTo('$1\r\n1\r\n')).to.equal(
      '+OK\r\n-TIMEOUT no majority answered\r\n$1\r\n1\r\n',
    );
  });

  it('opens a session with the first command that needs one, and closes it with the connection', async () => {
    const front = await start();
    const [silent, client] = [await connectTo(front), await connectTo(front)];
    await silent.ask('+PONG\r\n', 'PING');
    await client.ask('+OK\r\n', 'SET', 'k', '1');
    await client.ask('+OK\r\n', 'SET', 'k', '2');
    expect(backend.sessionsOpened).to.equal(1);
    for (const one of [silent, client]) {
      one.send('QUIT\n');
      await one.ended;
    }
    expect(backend.sessionsClosed).to.equal(1);
  });

  it('says goodbye on QUIT, and does nothing that comes behind it', async () => {
    const client = await connectTo(await start());
    client.send('SET k 1\nQUIT\nSET k 2\nPING\n');
    expect(await client.ended).to.equal('+OK\r\n+OK\r\n');
    expect(codesOfRuns()).to.deep.equal([[OperationCode.put]]);
  });

  it('answers all of what a client asked that then said it was done', async () => {
    const front = await start();
    const client = await connectTo(front);
    client.socket.end('SET k 1\nGET k\nPING\nGET unfinished');
    expect(await client.ended).to.equal('+OK\r\n$1\r\n1\r\n+PONG\r\n');
  });

  it('answers what came before nonsense, says what is wrong with it and hangs up', async () => {
    const client = await connectTo(await start());
    client.send(encodeCommand('SET', 'k', '1'), '*1\r\nx5\r\n', encodeCommand('SET', 'k', '2'));
    expect(await client.ended).to.equal("+OK\r\n-ERR Protocol error: expected '$', got 'x'\r\n");
    expect(codesOfRuns()).to.deep.equal([[OperationCode.put]]);
  });

  it('gives the last word to a client that has sent much more than nonsense', async () => {
    const client = await connectTo(await start({ lingerMs: 30_000 }));
    // A client that reads only once it has sent all: a reset on the way would lose it the reply.
    client.socket.pause();
    client.send('*x\r\n');
    await new Promise((resolve) => client.socket.write(Buffer.alloc(10_000_000, 'PING\n'), resolve));
    client.socket.resume();
    expect(await client.ended).to.equal('-ERR Protocol error: invalid multibulk length\r\n');
  });

  it('does not listen to a web browser', async () => {
    const client = await connectTo(await start());
    client.send('POST / HTTP/1.1\r\nHost: example.org\r\n\r\nSET k 1\r\n');
    expect(await client.ended).to.equal('');
    expect(backend.runs).to.deep.equal([]);
    expect(warnings).to.deep.equal(['Redis client ADDRESS cut off: it speaks HTTP.']);
  });

  it('turns clients away while there are too many', async () => {
    const front = await start({ connectionsMax: 1 });
    const client = await connectTo(front);
    await client.ask('+PONG\r\n', 'PING');
    expect(await (await connectTo(front)).ended).to.equal('-ERR max number of clients reached\r\n');
    expect(await (await connectTo(front)).ended).to.equal('-ERR max number of clients reached\r\n');
    expect(front.connections()).to.equal(1);
    expect(warnings).to.have.length(1);
    client.send('QUIT\n');
    await until(() => front.connections() === 0);
    const next = await connectTo(front);
    expect(await next.ask('+PONG\r\n', 'PING')).to.equal('+PONG\r\n');
  });

  it('lets the commands of a client wait that does not take its replies, and then cuts it off', async () => {
    const front = await start({ unsentBytesSoft: 1_000_000, unsentMsMax: 100 });
    const client = await connectTo(front);
    await client.ask('+OK\r\n', 'SET', 'k', Buffer.alloc(1_000_000));
    client.send('CLIENT SETNAME slow\n');
    client.socket.pause();
    const before = backend.runs.length;
    // How much of them the system takes is its own business.
    for (let n = 0; n < 100; n += 1) client.socket.write('GET k\nPING\n');
    await until(() => warnings.length > 0);
    expect(backend.runs.length - before).to.be.below(50);
    expect(warnings[0]).to.match(
      /^Redis client ADDRESS "slow" cut off: it takes none of \d+ bytes of replies\.$/,
    );
    const other = await connectTo(front);
    expect(await other.ask('+PONG\r\n', 'PING')).to.equal('+PONG\r\n');
    expect(front.connections()).to.equal(1);
  });

  it('serves a client in full that asks for far more than it may leave unread, and reads it', async () => {
    const front = await start({ unsentBytesSoft: 1_000_000, unsentMsMax: 100 });
    const client = await connectTo(front);
    const value = Buffer.alloc(1_000_000, 'x');
    await client.ask('+OK\r\n', 'SET', 'k', value);
    let bytes = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (text: string) => {
      bytes += text.length;
    });
    client.send('GET k\nPING\n'.repeat(100));
    await until(() => bytes === 100 * ('$1000000\r\n\r\n+PONG\r\n'.length + value.length));
    expect(warnings).to.deep.equal([]);
  });

  it('serves only those that read while all clients together leave too much unread', async () => {
    const front = await start({ unsentBytesOfAllMax: 20_000_000, unsentMsMax: 60_000 });
    const [slow, quick] = [await connectTo(front), await connectTo(front)];
    await slow.ask('+OK\r\n', 'SET', 'k', Buffer.alloc(10_000_000));
    slow.socket.pause();
    const before = backend.runs.length;
    slow.send('GET k\nPING\n'.repeat(100));
    await quick.ask('+PONG\r\n', 'PING');
    quick.socket.setMaxListeners(0);
    for (let n = 0; n < 100; n += 1) await quick.ask('+OK\r\n', 'SET', 'j', '1');
    expect(backend.runs.length - before - 100).to.be.below(20);
    expect(warnings).to.deep.equal([]);
  });

  it('takes some of the replies of a run of reads, and asks again for the rest', async () => {
    const service: FrontBackend = {
      openSession: () => ({
        submit: (operations, done) => {
          void setImmediate().then(() => done(operations.slice(0, 2).map(({ args: [key] }) => key ?? null)));
        },
        close: () => {},
      }),
      status: () => backend.status(),
      ...{ keyNames: () => [], listen: () => {}, confirmLeader: async () => null },
    };
    const client = await connectTo(await start({}, service));
    client.send('GET a\nGET b\nGET c\nGET d\nGET e\nPING\n');
    expect(await client.receivedUpTo('+PONG\r\n')).to.equal(
      `${['a', 'b', 'c', 'd', 'e'].map((key) => `$1\r\n${key}\r\n`).join('')}+PONG\r\n`,
    );
  });

  it('cuts a client off that asks for more at once than it may leave unread', async () => {
    const front = await start({ unsentBytesMax: 4_000_000 });
    const client = await connectTo(front);
    await client.ask('+OK\r\n', 'SET', 'k', Buffer.alloc(1_000_000));
    client.received = '';
    client.send(encodeCommand('MGET', 'k', 'k', 'k', 'k', 'k'));
    expect(await client.ended).to.equal('');
    expect(warnings).to.deep.equal([
      'Redis client ADDRESS cut off: it asked for more at once than it may leave unread (More than 4000000 bytes of replies.).',
    ]);
  });

  it('hangs up on a client that is silent for too long, but not while it waits for a reply', async () => {
    const front = await start({ idleMsMax: 50 });
    const [silent, waiting] = [await connectTo(front), await connectTo(front)];
    backend.isHolding = true;
    waiting.send('SET k 1\n');
    expect(await silent.ended).to.equal('');
    await until(() => front.connections() === 1);
    backend.release();
    await waiting.receivedUpTo('+OK\r\n');
    expect(await waiting.ended).to.equal('+OK\r\n');
    expect(warnings).to.deep.equal([]);
  });

  it('reads only from connections with nothing to do while all of them hold too much', async () => {
    const front = await start({ queuedBytesOfAllMax: 100_000 });
    const [first, second] = [await connectTo(front), await connectTo(front)];
    backend.isHolding = true;
    // The first command is under way; the others wait for their turn.
    first.send('GET k\n', ...Array.from({ length: 20 }, () => encodeCommand('SET', 'k', Buffer.alloc(9000))));
    await until(() => backend.runs.length === 1);
    second.send('PING\n');
    expect(await second.receivedUpTo('+PONG\r\n')).to.equal('+PONG\r\n');
    backend.release();
    expect(await first.receivedUpTo('+OK\r\n'.repeat(20))).to.equal(`$-1\r\n${'+OK\r\n'.repeat(20)}`);
  });

  it('refuses a command that comes in parts while all connections hold too much', async () => {
    const front = await start({ queuedBytesOfAllMax: 100_000 });
    const [first, second] = [await connectTo(front), await connectTo(front)];
    first.send('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$90000\r\n', Buffer.alloc(80_000));
    second.send('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$90000\r\n', Buffer.alloc(80_000));
    const ended = await Promise.race([first.ended, second.ended]);
    expect(ended).to.match(/^-OVERLOADED /);
    await until(() => front.connections() === 1);
    for (const client of [first, second]) client.socket.write(Buffer.alloc(10_000));
    for (const client of [first, second]) client.socket.write('\r\n');
    await until(() => backend.runs.length === 1);
  });

  it('stops reading from a client that is too far ahead, and answers it in full', async () => {
    const count = 10_000;
    const command = encodeCommand('APPEND', 'k', 'v');
    const front = await start({ queuedCommandsMax: 100 });
    const client = await connectTo(front);
    backend.isHolding = true;
    const paused = new Promise<void>((resolve) => {
      const spied = spy('pause', (socket) => {
        if (socket.localPort !== front.port) return;
        spied.stop();
        resolve();
      });
    });
    client.send(Buffer.concat(Array.from({ length: count }, () => command)));
    await paused;
    backend.release();
    const received = await client.receivedUpTo(`:${count}\r\n`);
    const expected = Array.from({ length: count }, (_, at) => `:${at + 1}\r\n`).join('');
    expect(received === expected).to.equal(true);
    const inOneRead = 65_536 / command.length;
    for (const run of backend.runs) expect(run.length).to.be.at.most(100 + inOneRead + 1);
  });

  it('stops reading from a client whose commands hold too many bytes', async () => {
    const front = await start({ queuedBytesMax: 10_000 });
    const client = await connectTo(front);
    backend.isHolding = true;
    const paused = new Promise<void>((resolve) => {
      const spied = spy('pause', (socket) => {
        if (socket.localPort !== front.port) return;
        spied.stop();
        resolve();
      });
    });
    const value = Buffer.alloc(9000);
    for (let at = 0; at < 20; at += 1) client.send(encodeCommand('SET', `k${at}`, value));
    await paused;
    backend.release();
    expect(await client.receivedUpTo('+OK\r\n'.repeat(20))).to.equal('+OK\r\n'.repeat(20));
  });

  const brokenServices: [what: string, submit: ReturnType<FrontBackend['openSession']>['submit']][] = [
    ['throws', () => expect.fail('thrown on purpose')],
    ['gives too few replies', (_operations, done) => done([])],
    ['gives too many replies', (_operations, done) => done([ok, ok, ok])],
  ];
  for (const [what, submit] of brokenServices) {
    it(`cuts a client off, and nobody else, when the service ${what}`, async () => {
      const front = await start(
        {},
        {
          openSession: () => ({ submit, close: () => {} }),
          status: () => backend.status(),
          ...{ keyNames: () => [], listen: () => {}, confirmLeader: async () => null },
        },
      );
      const [client, other] = [await connectTo(front), await connectTo(front)];
      client.send('SET k 1\nSET k 2\n');
      expect(await client.ended).to.equal('');
      expect(warnings[0]).to.match(
        /^Redis client ADDRESS cut off: a command failed in an unforeseen way \(.+\)\.$/,
      );
      expect(await other.ask('+PONG\r\n', 'PING')).to.equal('+PONG\r\n');
    });
  }

  it('listens to the first answer to a run only', async () => {
    const service: FrontBackend = {
      openSession: () => ({
        submit: (operations, done) => {
          done(operations.map(() => 1));
          void setImmediate().then(() => done(operations.map(() => 2)));
        },
        close: () => {},
      }),
      status: () => backend.status(),
      ...{ keyNames: () => [], listen: () => {}, confirmLeader: async () => null },
    };
    const client = await connectTo(await start({}, service));
    await client.ask(':1\r\n', 'DEL', 'k');
    client.received = '';
    client.send('DEL k\nPING\n');
    expect(await client.receivedUpTo('+PONG\r\n')).to.equal(':1\r\n+PONG\r\n');
  });

  it('takes no harm from garbage', async () => {
    const front = await start({ lingerMs: 0 });
    const garbage = fc.array(
      fc.oneof(
        fc.constantFrom(
          '*2\r\n',
          '$3\r\n',
          'GET\r\n',
          'SET a b\n',
          'HELLO 3\n',
          'COMMAND DOCS\n',
          'INFO\n',
          '"',
          '\n',
        ),
        fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      ),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (parts) => {
        const client = await connectTo(front);
        client.socket.end(Buffer.from(parts.join(''), 'latin1'));
        await client.ended;
      }),
      { numRuns: 200 },
    );
    const client = await connectTo(front);
    expect(await client.ask('+PONG\r\n', 'PING')).to.equal('+PONG\r\n');
    expect(warnings.filter((warning) => warning.includes('unforeseen'))).to.deep.equal([]);
  });

  it('lets everyone go when it closes, with runs under way', async () => {
    const front = await start();
    const [waiting, idle] = [await connectTo(front), await connectTo(front)];
    backend.isHolding = true;
    waiting.send('SET k 1\n');
    await idle.ask('+PONG\r\n', 'PING');
    await idle.ask('+PONG\r\n', 'PING');
    await front.close();
    backend.release();
    expect(await waiting.ended).to.equal('');
    await idle.ended;
    expect(front.connections()).to.equal(0);
    expect(backend.sessionsClosed).to.equal(backend.sessionsOpened);
  });

  it('says which port is in use, and leaves it when it closes', async () => {
    const first = await start();
    const again = { host: '127.0.0.1', port: first.port, backend };
    const error = await startRedisFront(again).then(
      () => expect.fail('it started'),
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(PortInUse).with.property('code', 'PortInUse');
    expect(String(error)).to.contain(`127.0.0.1:${first.port}: the port is in use. Stop the process`);
    await first.close();
    const second = await startRedisFront(again);
    fronts.push(second);
    expect(second.port).to.equal(first.port);
  });

  it('says that it cannot listen on a host that is not its own', async () => {
    const error = await startRedisFront({ host: '192.0.2.1', port: 0, backend }).then(
      () => expect.fail('it started'),
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(CannotListen).with.property('code', 'CannotListen');
    expect(String(error)).to.contain('192.0.2.1:0');
  });
});
