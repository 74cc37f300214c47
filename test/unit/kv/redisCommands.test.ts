import { expect } from 'chai';
import * as fc from 'fast-check';
import { matchesGlob } from '../../../kv/glob.ts';
import { commands, findCommand } from '../../../kv/redis/commands.ts';
import { type RedisFront, startRedisFront } from '../../../kv/redis/front.ts';
import { MemoryBackend } from './redisMemoryBackend.ts';
import { RawClient } from './redisRawClient.ts';

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

describe('the commands of the Redis front', () => {
  let front: RedisFront;
  let client: RawClient;

  beforeEach(async () => {
    front = await startRedisFront({ host: '127.0.0.1', port: 0, backend: new MemoryBackend() });
    client = await RawClient.connect(front.port);
  });

  afterEach(async () => {
    client.close();
    await front.close();
  });

  /** The whole reply: an ECHO behind the command says where it ends. */
  const replyTo = async (...words: string[]): Promise<string> => {
    const end = bulk('end of the reply');
    client.received = '';
    const line = [...words, '\n'].map((word) => (word === '\n' ? word : JSON.stringify(word))).join(' ');
    client.send(line, 'ECHO "end of the reply"\n');
    return (await client.receivedUpTo(end)).slice(0, -end.length);
  };

  const longest = 'y'.repeat(200);
  const answers: [command: string, reply: string][] = [
    ['PING', '+PONG\r\n'],
    ['ping hello', bulk('hello')],
    ['PING a b', "-ERR wrong number of arguments for 'ping' command\r\n"],
    ['ECHO hello', bulk('hello')],
    ['SET k v', '+OK\r\n'],
    ['SET k v EX', '-ERR syntax error\r\n'],
    ['SET k', "-ERR wrong number of arguments for 'set' command\r\n"],
    ['get', "-ERR wrong number of arguments for 'get' command\r\n"],
    ['GET a b', "-ERR wrong number of arguments for 'get' command\r\n"],
    ['DEL', "-ERR wrong number of arguments for 'del' command\r\n"],
    ['GET nothing', '$-1\r\n'],
    ['MGET nothing nothing', '*2\r\n$-1\r\n$-1\r\n'],
    ['foo', "-ERR unknown command 'foo', with args beginning with: \r\n"],
    ['foo a b', "-ERR unknown command 'foo', with args beginning with: 'a' 'b' \r\n"],
    [`foo ${longest} b`, `-ERR unknown command 'foo', with args beginning with: '${'y'.repeat(128)}' \r\n`],
    ['HELLO 4', '-NOPROTO unsupported protocol version\r\n'],
    ['HELLO three', '-ERR Protocol version is not an integer or out of range\r\n'],
    ['HELLO 3 BYE', "-ERR Syntax error in HELLO option 'BYE'\r\n"],
    ['HELLO 3 AUTH default', "-ERR Syntax error in HELLO option 'AUTH'\r\n"],
    ['HELLO 3 AUTH alice secret', '-WRONGPASS invalid username-password pair or user is disabled.\r\n'],
    ['AUTH default anything', '+OK\r\n'],
    ['AUTH alice secret', '-WRONGPASS invalid username-password pair or user is disabled.\r\n'],
    [
      'AUTH secret',
      '-ERR AUTH <password> called without any password configured for the default user. ' +
        'Are you sure your configuration is correct?\r\n',
    ],
    ['DBSIZE', ':0\r\n'],
    ['SELECT 0', '+OK\r\n'],
    ['SELECT 1', '-ERR DB index is out of range\r\n'],
    ['SELECT x', '-ERR value is not an integer or out of range\r\n'],
    ['CLIENT ID', ':1\r\n'],
    ['CLIENT GETNAME', '$-1\r\n'],
    ['CLIENT SETINFO lib-name some-client', '+OK\r\n'],
    ['CLIENT SETINFO LIB-VER 1.2.3', '+OK\r\n'],
    ['CLIENT SETINFO color blue', "-ERR Unrecognized option 'color'\r\n"],
    ['CLIENT NO-EVICT ON', '+OK\r\n'],
    ['CLIENT NO-TOUCH off', '+OK\r\n'],
    ['CLIENT NO-TOUCH maybe', '-ERR syntax error\r\n'],
    ['CLIENT REPLY ON', '+OK\r\n'],
    ['CLIENT REPLY OFF', '-ERR syntax error\r\n'],
    ['CLIENT KILL 1', "-ERR unknown subcommand 'KILL'. Try CLIENT HELP.\r\n"],
    ['CLIENT SETNAME', "-ERR wrong number of arguments for 'client|setname' command\r\n"],
    ['CLIENT', "-ERR wrong number of arguments for 'client' command\r\n"],
    ['CLIENT LIST TYPE replica', bulk('')],
    ['CLIENT LIST ID 77', bulk('')],
    ['CLIENT LIST COLOR blue', '-ERR syntax error\r\n'],
    ['CONFIG GET save', `*2\r\n${bulk('save')}${bulk('')}`],
    ['CONFIG GET append*ly', `*2\r\n${bulk('appendonly')}${bulk('yes')}`],
    ['CONFIG GET DATABASES nothing', `*2\r\n${bulk('databases')}${bulk('1')}`],
    ['CONFIG GET nothing', '*0\r\n'],
    ['CONFIG GET', "-ERR wrong number of arguments for 'config|get' command\r\n"],
    ['CONFIG REWRITE', "-ERR unknown subcommand 'REWRITE'. Try CONFIG HELP.\r\n"],
    ['COMMAND COUNT', `:${commands.length}\r\n`],
    ['COMMAND FOO', "-ERR unknown subcommand 'FOO'. Try COMMAND HELP.\r\n"],
    ['RESET', '+RESET\r\n'],
    ['INFO nothing', bulk('')],
  ];
  for (const [command, reply] of answers) {
    it(`answers ${command.slice(0, 30)} as Redis does`, async () => {
      expect(await replyTo(...command.split(' '))).to.equal(reply);
    });
  }

  it('echoes an unknown command without its line breaks', async () => {
    expect(await replyTo('a\nb', 'c\r\nd')).to.equal(
      "-ERR unknown command 'a b', with args beginning with: 'c  d' \r\n",
    );
  });

  it('speaks RESP3 from HELLO 3 on, and RESP2 again from RESET on', async () => {
    const hello = (map: string, protocol: number): string =>
      `${map}\r\n${bulk('server')}${bulk('redis')}${bulk('version')}${bulk('7.2.0')}` +
      `${bulk('proto')}:${protocol}\r\n${bulk('id')}:1\r\n${bulk('mode')}${bulk('standalone')}` +
      `${bulk('role')}${bulk('master')}${bulk('modules')}*0\r\n`;
    expect(await replyTo('HELLO')).to.equal(hello('*14', 2));
    expect(await replyTo('HELLO', '3', 'AUTH', 'default', 'any', 'SETNAME', 'me')).to.equal(hello('%7', 3));
    expect(await replyTo('GET', 'nothing')).to.equal('_\r\n');
    expect(await replyTo('CLIENT', 'GETNAME')).to.equal(bulk('me'));
    expect(await replyTo('RESET')).to.equal('+RESET\r\n');
    expect(await replyTo('GET', 'nothing')).to.equal('$-1\r\n');
  });

  it('changes nothing on a HELLO that fails', async () => {
    await replyTo('HELLO', '3', 'SETNAME', 'me', 'NONSENSE');
    expect(await replyTo('CLIENT', 'GETNAME')).to.equal('$-1\r\n');
  });

  it('lets a client name itself, but not with blanks', async () => {
    const refusal = 'cannot contain spaces, newlines or special characters.';
    expect(await replyTo('CLIENT', 'SETNAME', 'a b')).to.equal(`-ERR Client names ${refusal}\r\n`);
    expect(await replyTo('CLIENT', 'SETNAME', 'me')).to.equal('+OK\r\n');
    expect(await replyTo('CLIENT', 'GETNAME')).to.equal(bulk('me'));
  });

  it('lists the clients with their names and libraries', async () => {
    const other = await RawClient.connect(front.port);
    await other.ask('+OK\r\n', 'CLIENT', 'SETNAME', 'other');
    await replyTo('CLIENT', 'SETINFO', 'LIB-NAME', 'mine');
    const lines = (await replyTo('CLIENT', 'LIST')).split('\n').filter((line) => line.startsWith('id='));
    other.close();
    expect(lines).to.have.length(2);
    expect(lines[0]).to.match(
      /^id=1 addr=127\.0\.0\.1:\d+ laddr=127\.0\.0\.1:\d+ .* name= .* lib-name=mine /,
    );
    expect(lines[1]).to.match(/^id=2 .* name=other .* resp=2 /);
  });

  it('tells in INFO what clients wait for, and that every node takes writes', async () => {
    const info = await replyTo('INFO');
    for (const field of ['redis_version:7.2.0', 'loading:0', 'role:master', 'connected_clients:1']) {
      expect(info).to.contain(`\r\n${field}\r\n`);
    }
  });

  it('tells in the section Raft how the node stands', async () => {
    expect(await replyTo('INFO', 'RAFT')).to.equal(
      bulk(
        '# Raft\r\nraft_node_id:n2\r\nraft_cluster_id:c1\r\nraft_role:follower\r\nraft_term:7\r\nraft_leader:n1\r\n' +
          'raft_commit_index:41\r\nraft_last_applied:40\r\nraft_last_log_index:42\r\nraft_snapshot_index:30\r\nraft_log_bytes:1200\r\nraft_lease_reads:0\r\nraft_peers:n1,n3\r\n',
      ),
    );
  });

  it('tells in INFO what dashboards read', async () => {
    await replyTo('SET', 'k', 'v');
    await replyTo('MGET', 'k', 'none', 'k');
    await replyTo('GET', 'none');
    await replyTo('NONSENSE');
    const info = await replyTo('INFO', 'ALL');
    const field = (name: string): string | undefined => new RegExp(`\r\n${name}:(.*)\r\n`).exec(info)?.[1];
    // What redis_exporter and its dashboards look for.
    const numbers = [
      ...['uptime_in_seconds', 'connected_clients', 'blocked_clients', 'maxclients', 'used_memory'],
      ...[
        'used_memory_rss',
        'used_memory_peak',
        'maxmemory',
        'total_system_memory',
        'mem_fragmentation_ratio',
      ],
      ...['rdb_changes_since_last_save', 'rdb_last_save_time', 'aof_enabled', 'total_connections_received'],
      ...['total_commands_processed', 'instantaneous_ops_per_sec', 'total_net_input_bytes'],
      ...[
        'total_net_output_bytes',
        'rejected_connections',
        'evicted_keys',
        'keyspace_hits',
        'keyspace_misses',
      ],
      ...['connected_slaves', 'master_repl_offset', 'used_cpu_sys', 'used_cpu_user', 'cluster_enabled'],
    ];
    for (const name of numbers) expect(field(name), name).to.match(/^\d+(\.\d+)?$/);
    expect(field('run_id')).to.match(/^[0-9a-f]{40}$/);
    expect(field('keyspace_hits')).to.equal('2');
    expect(field('keyspace_misses')).to.equal('2');
    expect(field('total_error_replies')).to.equal('1');
    expect(field('total_connections_received')).to.equal('1');
    // With the ECHO behind each command.
    expect(field('total_commands_processed')).to.equal('10');
    expect(field('rdb_changes_since_last_save')).to.equal('10');
    expect(Number(field('used_memory_rss'))).to.be.greaterThan(10_000_000);
    expect(Number(field('total_net_input_bytes'))).to.be.within(100, 1000);
    expect(Number(field('rdb_last_save_time'))).to.be.closeTo(Date.now() / 1000, 60);
  });

  it('counts the keys in the section Keyspace', async () => {
    await replyTo('SET', 'k', 'v');
    expect(await replyTo('INFO', 'keyspace')).to.equal(
      bulk('# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n'),
    );
  });

  it('describes its commands', async () => {
    const get =
      `*10\r\n${bulk('get')}:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n` +
      '*3\r\n+@read\r\n+@string\r\n+@fast\r\n*0\r\n*0\r\n*0\r\n';
    expect(await replyTo('COMMAND', 'INFO', 'GET', 'foo')).to.equal(`*2\r\n${get}$-1\r\n`);
    expect(await replyTo('COMMAND'))
      .to.match(new RegExp(`^\\*${commands.length}\r\n`))
      .and.contain(get);
    expect(await replyTo('COMMAND', 'DOCS', 'del', 'foo')).to.equal(
      `*2\r\n${bulk('del')}*6\r\n${bulk('summary')}${bulk('Deletes one or more keys.')}` +
        `${bulk('since')}${bulk('1.0.0')}${bulk('group')}${bulk('generic')}`,
    );
  });
});

describe('the table of commands', () => {
  it('finds every command in any case, and nothing else', () => {
    for (const command of commands) {
      const { name } = command;
      const spellings = [name, name.toUpperCase(), `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`];
      for (const spelling of spellings) expect(findCommand(Buffer.from(spelling))).to.equal(command);
    }
    const names = new Set(commands.map(({ name }) => name));
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), (word) => {
        expect(findCommand(Buffer.from(word)) !== undefined).to.equal(names.has(word.toLowerCase()));
      }),
    );
    // The same length and the same hash as `get`.
    expect(findCommand(Uint8Array.of(0x67, 0x64, 0x93))).to.equal(undefined);
  });
});

describe('patterns of names', () => {
  const cases: [pattern: string, text: string, matches: boolean][] = [
    ['*', '', true],
    ['*', 'abc', true],
    ['a*c', 'abbbc', true],
    ['a*c', 'abbbd', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*ab*ab', 'abxabyab', true],
    ['[a-c]x', 'bx', true],
    ['[c-a]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[ab', 'b', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['[\\]]', ']', true],
    ['[\\]', ']', true],
    ['[a-]', ']', true],
    ['[a-]', '-', false],
    ['[a\\a--', '-', true],
    ['', '', true],
    ['', 'a', false],
    ['abc', 'ab', false],
  ];
  for (const [pattern, text, matches] of cases) {
    it(`says that ${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      expect(matchesGlob(pattern, text)).to.equal(matches);
    });
  }

  it('takes stars and question marks as a regular expression does', () => {
    const pattern = fc
      .array(fc.constantFrom('*', '?', 'a', 'b'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (glob, name) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matchesGlob(glob, name)).to.equal(expression.test(name));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives up on a pattern made to take long', () => {
    expect(matchesGlob(`${'*a'.repeat(100)}b`, 'a'.repeat(1000))).to.equal(false);
    expect(matchesGlob('*'.repeat(1_000_000), 'save')).to.equal(false);
  });
});
