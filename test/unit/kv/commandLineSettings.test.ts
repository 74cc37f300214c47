/** Where the values of settings come from, and what is said of those that cannot be used. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { makeProgram } from '../../../kv/commandLine/program.ts';
import {
  requireSettings,
  resolveSettings,
  sourcesOf,
  valuesOf,
} from '../../../kv/commandLine/resolveSettings.ts';
import { Given, optionsOf, type Setting } from '../../../kv/commandLine/setting.ts';
import { clientSettings, devSettings, serveSettings } from '../../../kv/commandLine/settings.ts';

describe('settings', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
  });

  after(() => rm(folder, { recursive: true }));

  const fileOf = async (content: unknown): Promise<string> => {
    const file = path.join(folder, 'raft.json');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };

  const resolve = (
    environment: Record<string, string>,
    flags: Record<string, unknown> = {},
    settings: readonly Setting[] = serveSettings,
  ) => resolveSettings(settings, { flags, environment });

  const refusalOf = (...args: Parameters<typeof resolve>): Promise<string> =>
    resolve(...args).then(
      () => 'no refusal',
      (error: Error) => error.message,
    );

  it('take the flag before the variable, that before the file, and that before the default', async () => {
    const config = await fileOf({ id: 'inFile', cluster: 'inFile', 'max-clients': 7 });
    const environment = { XSTATE_RAFT_ID: 'inEnv', XSTATE_RAFT_CLUSTER: 'inEnv', XSTATE_RAFT_CONFIG: config };
    const resolved = await resolve(environment, { id: new Given('inFlag', 'inFlag') });
    expect(valuesOf(resolved)).to.deep.equal({
      ...{ id: 'inFlag', cluster: 'inEnv', maxClients: 7, clientTimeout: 0, leaseReads: false },
      ...{ maxValue: 16, snapshotLog: 64 },
    });
    expect(sourcesOf(resolved)).to.deep.equal({
      ...{ id: '--id', cluster: 'XSTATE_RAFT_CLUSTER', maxClients: `"max-clients" in ${config}:` },
      ...{ maxValue: 'default', snapshotLog: 'default' },
      ...{ clientTimeout: 'default', leaseReads: 'default' },
    });
  });

  it('take a variable that is empty for one that is not there', async () => {
    expect(valuesOf(await resolve({ XSTATE_RAFT_CLUSTER: '' }))).to.include({ cluster: 'default' });
  });

  it('can be switched off by flag and by variable', async () => {
    const config = await fileOf({ 'lease-reads': true });
    expect(valuesOf(await resolve({}, { config }))).to.include({ leaseReads: true });
    expect(valuesOf(await resolve({ XSTATE_RAFT_LEASE_READS: 'off' }, { config }))).to.include({
      leaseReads: false,
    });
    expect(valuesOf(await resolve({}, { config, leaseReads: false }))).to.include({ leaseReads: false });
    expect(valuesOf(await resolve({ XSTATE_RAFT_LEASE_READS: '1' }))).to.include({ leaseReads: true });
  });

  it('may be written in the file as in JSON, or as on the command line', async () => {
    const addresses = { n1: { host: '127.0.0.1', port: 1 }, n2: { host: '::1', port: 2 } };
    for (const peers of [{ n1: '127.0.0.1:1', n2: '[::1]:2' }, 'n1=127.0.0.1:1,n2=[::1]:2']) {
      expect(valuesOf(await resolve({}, { config: await fileOf({ peers }) })).peers).to.deep.equal(addresses);
    }
    const nodes = ['127.0.0.1:1', '[::1]:2'];
    for (const written of [nodes, nodes.join(',')]) {
      const config = await fileOf({ nodes: written });
      expect(valuesOf(await resolve({}, { config }, clientSettings)).nodes).to.deep.equal(
        Object.values(addresses),
      );
    }
    for (const port of [7001, '7001']) {
      expect(valuesOf(await resolve({}, { config: await fileOf({ port }) }, devSettings)).port).to.equal(
        7001,
      );
    }
  });

  it('refuse a value, and name it, where it came from, and the remedy', async () => {
    expect(await refusalOf({ XSTATE_RAFT_PEERS: 'n1' })).to.equal(
      'XSTATE_RAFT_PEERS is "n1" in the environment, which is invalid. "n1" is no peer: write ID=HOST:PORT for each, with commas between.',
    );
    expect(await refusalOf({ XSTATE_RAFT_LEASE_READS: 'maybe' })).to.contain('Give true or false.');
    const wrong: [content: unknown, message: string][] = [
      [
        { 'max-clients': 0 },
        '"max-clients" in FILE is 0, which is invalid. Give a whole number from 1 to 1000000.',
      ],
      [{ 'max-clients': [] }, '"max-clients" in FILE is [], which is invalid. Give a number.'],
      [{ peers: { n1: 7 } }, '"peers" in FILE is {"n1":7}, which is invalid. Give a text for each node.'],
      [
        { peers: { n1: '7' } },
        '"peers" in FILE is {"n1":"7"}, which is invalid. "n1=7" has no valid address. Write HOST:PORT',
      ],
      [
        { 'notify-keyspace-events': 'KEQ' },
        '"notify-keyspace-events" in FILE is "KEQ", which is invalid. Give some of the characters Ag$lshzxeKEtmdn, such as KEA.',
      ],
      [{ 'lease-reads': 'maybe' }, '"lease-reads" in FILE is "maybe", which is invalid. Give true or false.'],
      [{ maxClients: 7 }, '"maxClients" in FILE is no setting here: there are id, peers, redis,'],
      [[], 'FILE holds no settings: write {"name": value, ...}'],
      ['{ // no', 'FILE is no JSON: '],
    ];
    for (const [content, message] of wrong) {
      const config = await fileOf(content);
      expect((await refusalOf({}, { config })).replaceAll(config, 'FILE')).to.contain(message);
    }
    const config = path.join(folder, 'none.json');
    expect(await refusalOf({ XSTATE_RAFT_CONFIG: config }))
      .to.contain('cannot be read')
      .and.to.contain(config);
  });

  it('say how a missing one can be given', async () => {
    const resolved = await resolve({ XSTATE_RAFT_ID: 'n1' });
    expect(() => requireSettings(serveSettings, resolved)).to.throw(
      '--peers is missing: give --peers <list>, set XSTATE_RAFT_PEERS, or write "peers" in the file of --config',
    );
  });

  it('are each told of in the help, with their variable', () => {
    const program = makeProgram(() => {});
    const commands = [
      ['serve', serveSettings],
      ['dev', devSettings],
      ['status', clientSettings],
      ['get', clientSettings],
    ] as const;
    for (const [name, settings] of commands) {
      const help = program.commands.find((command) => command.name() === name)?.helpInformation() ?? '';
      const words = help.replaceAll(/\s+/g, ' ');
      for (const setting of settings) {
        expect(words).to.contain(`--${setting.name}`).and.to.contain(`env: ${setting.environment})`);
        expect(optionsOf(setting)[0]?.attributeName()).to.equal(
          setting.name.replaceAll(/-./g, ([, c = '']) => c.toUpperCase()),
        );
      }
      expect(words).to.contain('env: XSTATE_RAFT_CONFIG');
    }
  });

  it('of one name in the environment have one meaning', () => {
    const meanings = new Map<string, string>();
    for (const { environment, name, read } of [...serveSettings, ...devSettings, ...clientSettings]) {
      expect(meanings.get(environment) ?? `${name} ${read}`).to.equal(`${name} ${read}`);
      meanings.set(environment, `${name} ${read}`);
    }
  });
});
