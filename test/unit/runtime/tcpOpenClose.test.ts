import { once } from 'node:events';
import { expect } from 'chai';
import { CannotListen, PortInUse } from '../../../runtime/transport/listenErrors.ts';
import {
  InvalidTransportOptions,
  openTcpClient,
  type TcpTransportOptions,
} from '../../../runtime/transport/tcpTransport.ts';
import { anyPort, ask, askUntilAnswered, bytesOf, middle, TcpTestBed, until } from './tcpTestBed.ts';

describe('Opening the TCP transport', () => {
  let bed: TcpTestBed;
  beforeEach(() => {
    bed = new TcpTestBed();
  });
  afterEach(() => bed.closeAll());

  const failure = (options: Partial<TcpTransportOptions>): Promise<unknown> =>
    bed.node('n1', options).then(
      () => 'opened',
      (error: unknown) => error,
    );

  it('picks a free port if given none, and says which', async () => {
    const n1 = await bed.node('n1');
    expect(n1.address.host).to.equal('127.0.0.1');
    expect(n1.address.port).to.be.greaterThan(0);
  });

  it('fails on a port in use with an error that names it and the remedy', async () => {
    const { address } = await bed.node('n2');
    const error = await failure({ listen: address });
    expect(error).to.be.instanceOf(PortInUse).and.to.deep.include({ code: 'PortInUse', address });
    expect(error).to.have.property(
      'message',
      `Cannot listen at 127.0.0.1:${address.port}: the port is in use. Stop the process that uses it, or give this node another port.`,
    );
  });

  it('fails on an address that is not of this machine', async () => {
    const error = await failure({ listen: { host: '203.0.113.1', port: 0 } });
    expect(error).to.be.instanceOf(CannotListen).and.to.include({ code: 'CannotListen' });
    expect(error)
      .to.have.property('message')
      .that.includes('203.0.113.1:0: this machine does not have that address');
  });

  it('fails on a port that is none', async () => {
    const error = await failure({ listen: { host: '::1', port: 70_000 } });
    expect(error).to.be.instanceOf(CannotListen);
    expect(error)
      .to.have.property('message')
      .that.matches(/^Cannot listen at \[::1\]:70000: /);
  });

  it('fails on names and groups that no hello can carry', async () => {
    const invalid: Partial<TcpTransportOptions>[] = [
      { nodeId: '' },
      { clusterId: 'x'.repeat(256) },
      { peers: { 'client:n2': anyPort } },
      { group: 65_536 },
      { group: 0.5 },
    ];
    for (const options of invalid) expect(await failure(options)).to.be.instanceOf(InvalidTransportOptions);
    const n1 = await bed.node('n1', { nodeId: 'x'.repeat(255), group: 65_535 });
    expect(() => n1.setPeer('', anyPort)).to.throw(InvalidTransportOptions);
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Closing the TCP transport', () => {
  let bed: TcpTestBed;
  beforeEach(() => {
    bed = new TcpTestBed();
  });
  afterEach(() => bed.closeAll());

  it('loses the calls under way', async () => {
    let heard = 0;
    const n2 = await bed.node('n2', {
      onRequest: () => {
        heard += 1;
      },
    });
    const client = bed.client({ peers: { n2: n2.address } });
    const lost: unknown[] = [];
    for (let k = 0; k < 3; k += 1) client.call('n2', bytesOf('?'), (reply) => lost.push(reply));
    await until(() => heard === 3);
    await client.close();
    expect(lost).to.deep.equal([undefined, undefined, undefined]);
  });

  it('leaves no socket, no timer and no port behind', async () => {
    const dead = await bed.node('n9');
    await dead.close();
    await turn();
    const before = process.getActiveResourcesInfo().sort();
    const [n1, n2] = await bed.pair({ onRequest: () => {} }, { onRequest: () => {} });
    n1.setPeer('n9', dead.address); // backing off
    let lost = 0;
    for (const [node, peer] of [
      [n1, 'n2'],
      [n2, 'n1'],
      [n1, 'n9'],
    ] as const) {
      node.call(peer, bytesOf('?'), () => {
        lost += 1;
      });
    }
    await until(() => lost === 1);
    const silent = await bed.socket(n1.address); // its handshake is under way
    await Promise.all([n1.close(), n2.close()]);
    expect(lost).to.equal(3);
    if (!silent.closed) await once(silent, 'close');
    await turn(); // a handle is taken off the list one turn after it has closed
    expect(process.getActiveResourcesInfo().sort()).to.deep.equal(before);
    await bed.node('n1', { listen: n1.address });
  });

  it('may come while a dial is under way', async () => {
    const address = await bed.listener(() => {});
    const client = bed.client({ peers: { n2: address } });
    const reply = ask(client, 'n2', bytesOf('?'));
    await client.close();
    expect(await reply).to.equal(undefined);
  });

  it('may come twice, and from inside a reply', async () => {
    const n2 = await bed.node('n2');
    const client = bed.client({ peers: { n2: n2.address } });
    const replies: string[] = [];
    const closed = new Promise<void>((resolve) => {
      client.call('n2', bytesOf('one'), () => {
        replies.push('one');
        client.close().then(resolve);
      });
    });
    client.call('n2', bytesOf('two'), (reply) => replies.push(reply === undefined ? 'two is lost' : 'two'));
    await closed;
    await client.close();
    expect(replies).to.deep.equal(['one', 'two is lost']);
  });

  it('may come from inside a request', async () => {
    const n2 = await bed.node('n2', {
      onRequest: (_from, payload, reply) => {
        void n2.close();
        reply(payload);
      },
    });
    const client = bed.client({ peers: { n2: n2.address } });
    expect(await ask(client, 'n2', bytesOf('?'))).to.equal(undefined);
  });

  it('loses later calls, and dials nobody any more', async () => {
    const n2 = await bed.node('n2');
    const client = bed.client({ peers: { n2: n2.address } });
    await askUntilAnswered(client, 'n2');
    await client.close();
    client.setPeer('n2', n2.address);
    expect(await ask(client, 'n2', bytesOf('?'))).to.equal(undefined);
  });

  it('works for a client before anything has happened', async () => {
    const client = openTcpClient({ clusterId: 'blue', nodeId: 'c', peers: {}, random: middle });
    await client.close();
  });
});
