/** What inspectors hear of a node: @statelyai/inspect at the end of a socket, and observers that misbehave. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createWebSocketInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import { expect } from 'chai';
import { WebSocketServer } from 'ws';
import type { InspectionEvent } from 'xstate';
import { askRedis } from '../../../kv/commandLine/redisClient.ts';
import { type KvNode, type KvNodeConfig, startKvNode } from '../../../kv/kvNode.ts';
import { Log } from '../../../machines/log.ts';
import { eventually } from '../../eventually.ts';
import { freeBase } from '../../freePorts.ts';

const host = '127.0.0.1';

/** Characters of the longest message: the chart of raft, which comes with its actor, is most of it. */
const messageLengthMax = 100_000;

interface Heard {
  readonly text: string;
  readonly message: StatelyInspectionEvent;
}

describe('the inspection of a node', () => {
  let folder: string;
  let nodes: KvNode[];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    nodes = [];
  });

  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(folder, { recursive: true });
  });

  const start = async (count: number, more: Partial<KvNodeConfig> = {}): Promise<KvNode> => {
    const base = await freeBase(count);
    const members = Object.fromEntries(
      Array.from({ length: count }, (_, place) => [`n${place + 1}`, { host, port: base + place }]),
    );
    nodes = await Promise.all(
      Object.keys(members).map((id) =>
        startKvNode({
          ...{ clusterId: 'c1', id, members, data: path.join(folder, id), redis: { host, port: 0 } },
          ...more,
        }),
      ),
    );
    return eventually('a node leads', async () => nodes.find(({ node }) => node.isLeader));
  };

  const set = async ({ redisPort }: KvNode, value: string): Promise<void> => {
    expect(await askRedis({ host, port: redisPort }, ['SET', 'key', value], 10_000)).to.equal('OK');
  };

  it('reaches @statelyai/inspect: every actor, what it is sent and what it comes to be', async () => {
    const server = new WebSocketServer({ host, port: 0 });
    await once(server, 'listening');
    const heard: Heard[] = [];
    const connected = new Promise<void>((resolve) => {
      server.once('connection', (socket) => {
        socket.on('message', (data) => heard.push({ text: `${data}`, message: JSON.parse(`${data}`) }));
        resolve();
      });
    });
    const { port } = server.address() as AddressInfo; // as it listens on a host and a port
    const inspector = createWebSocketInspector({ url: `ws://${host}:${port}` });
    await connected;
    try {
      const leader = await start(3, { inspect: inspector.inspect });
      await set(leader, 'x'.repeat(1_000_000));

      const { id } = leader.node.status();
      const peers = nodes.map(({ node }) => node.status().id).filter((name) => name !== id);
      const root = await eventually('the leader is heard of', async () => heard.find(isActor(id)));
      const within = ['raft', 'applier', 'storage', 'kvServer', ...peers.map((peer) => `replicator:${peer}`)];
      const sessions = new Map<string, string | undefined>([[id, root.message.sessionId]]);
      for (const name of within) {
        const isChild = ({ message }: Heard) =>
          message.rootId === root.message.sessionId && isActor(name)({ message });
        const found = await eventually(`${name} is heard of`, async () => heard.find(isChild));
        sessions.set(name, found.message.sessionId);
        const { definition } = found.message as { definition?: string }; // all are statecharts
        expect(JSON.parse(definition ?? ''), name).to.have.property('states');
      }
      // The clerk of the node's Redis front is a system of its own.
      sessions.set('clerk', heard.find(isActor('clerk'))?.message.sessionId);

      for (const [name, session] of sessions) {
        for (const type of ['@xstate.event', '@xstate.snapshot']) {
          await eventually(`${type} of ${name}`, async () =>
            heard.find(({ message }) => message.type === type && message.sessionId === session),
          );
        }
      }
      const states = await eventually('the leader is seen to lead', async () => {
        const ofRaft = heard.filter(({ message }) => message.sessionId === sessions.get('raft'));
        const leads = ofRaft.some(({ text }) =>
          text.includes('"value":{"leader":{"authority":"established"'),
        );
        return leads ? ofRaft : undefined;
      });
      expect(states.some(({ text }) => /"log":\{"commitIndex":\d+,"firstIndex":\d+/.test(text))).to.equal(
        true,
      );
      expect(Math.max(...heard.map(({ text }) => text.length))).to.be.below(messageLengthMax);
    } finally {
      inspector.stop();
      server.close();
    }
  });

  it('ends with an observer that throws, and the node goes on', async () => {
    const warnings: string[] = [];
    let calls = 0;
    const leader = await start(1, {
      inspect: () => {
        calls += 1;
        throw new Error('a fault of the observer');
      },
      onWarning: (message) => warnings.push(message),
    });
    await set(leader, 'value');
    // Once by the node's actors, and once by the clerk.
    expect(calls).to.equal(2);
    expect(warnings).to.deep.equal([
      'The inspection observer failed and hears nothing more: a fault of the observer',
      'The inspection observer failed and hears nothing more: a fault of the observer',
    ]);
  });

  it('hands out copies that stay as they were, of every kind of inspection event', async () => {
    const heard: InspectionEvent[] = [];
    const leader = await start(1, { inspect: (inspected) => heard.push(inspected) });
    const first = (): string => JSON.stringify(heard.slice(0, 10));
    const before = first();
    await set(leader, 'value');
    expect(first()).to.equal(before);
    const types = new Set(heard.map(({ type }) => type));
    expect([...types].sort()).to.deep.equal([
      '@xstate.action',
      '@xstate.actor',
      '@xstate.event',
      '@xstate.microstep',
      '@xstate.snapshot',
    ]);
  });

  it('looks at nothing where nobody looks', async () => {
    const { toJSON } = Log.prototype;
    let looks = 0;
    Log.prototype.toJSON = function (this: Log) {
      looks += 1;
      return toJSON.call(this);
    };
    try {
      await set(await start(1), 'value');
      expect(looks).to.equal(0);
      await Promise.all(nodes.map((node) => node.stop()));
      await set(await start(1, { inspect: () => {} }), 'value');
      expect(looks).to.be.above(0);
    } finally {
      Log.prototype.toJSON = toJSON;
    }
  });
});

function isActor(name: string): (heard: Pick<Heard, 'message'>) => boolean {
  return ({ message }) => message.type === '@xstate.actor' && message.name === name;
}
