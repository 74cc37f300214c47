/** A service of one map, for the tests of the Redis front. */

import { type Audience, nobody } from '../../../kv/audience.ts';
import { KvError, type Operation, OperationCode, ok, type Reply } from '../../../kv/operation.ts';
import type { ClusterMember, FrontBackend, FrontStatus, Session } from '../../../kv/redis/backend.ts';

function keyOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}

export class MemoryBackend implements FrontBackend {
  /** Every run that was submitted, in order. */
  readonly runs: (readonly Operation[])[] = [];
  sessionsOpened = 0;
  sessionsClosed = 0;
  /** Where set, every operation on this key fails with the error. */
  failure: { key: string; error: KvError } | undefined;
  /** Runs wait until they are released. */
  isHolding = false;
  /** Where set, the node knows where the others serve clients. */
  members: readonly ClusterMember[] | undefined;
  leader: string | null = 'n1';
  /** Who hears of what is applied. */
  audience: Audience = nobody;
  matchIndex: Record<string, number> = {};
  readonly #values = new Map<string, Uint8Array>();
  #held: (() => void)[] = [];

  openSession(): Session {
    this.sessionsOpened += 1;
    return {
      submit: (operations, done) => {
        this.runs.push(operations);
        const finish = (): void => done(operations.map((operation) => this.#apply(operation)));
        if (this.isHolding) this.#held.push(finish);
        else setImmediate(finish);
      },
      close: () => {
        this.sessionsClosed += 1;
      },
    };
  }

  status(): FrontStatus {
    return {
      nodeId: 'n2',
      clusterId: 'c1',
      role: 'follower',
      term: 7,
      leader: this.leader,
      commitIndex: 41,
      lastApplied: 40,
      lastLogIndex: 42,
      snapshotIndex: 30,
      logBytes: 1200,
      leaseReads: false,
      matchIndex: this.matchIndex,
      keys: this.#values.size,
      keysExpiring: 0,
      peers: [{ id: 'n1' }, { id: 'n3' }],
      members: this.members,
    };
  }

  async confirmLeader(): Promise<string | null> {
    return this.leader;
  }

  listen(audience: Audience): void {
    this.audience = audience;
  }

  keyNames(): Iterable<string> {
    return this.#values.keys();
  }

  /** Lets the runs go on that are held, and those to come. */
  release(): void {
    this.isHolding = false;
    const held = this.#held;
    this.#held = [];
    for (const finish of held) finish();
  }

  #apply({ code, args }: Operation): Reply {
    const [key, value = new Uint8Array()] = args;
    const name = keyOf(key);
    if (this.failure?.key === name) return this.failure.error;
    const old = this.#values.get(name);
    switch (code) {
      case OperationCode.get:
        return old ?? null;
      case OperationCode.mget:
        return args.map((arg) => this.#values.get(keyOf(arg)) ?? null);
      case OperationCode.exists:
        return args.filter((arg) => this.#values.has(keyOf(arg))).length;
      case OperationCode.strlen:
        return old?.byteLength ?? 0;
      case OperationCode.put:
        this.#values.set(name, value.slice());
        return ok;
      case OperationCode.append: {
        const longer = Buffer.concat([old ?? new Uint8Array(), value]);
        this.#values.set(name, longer);
        return longer.byteLength;
      }
      case OperationCode.del:
        return args.filter((arg) => this.#values.delete(keyOf(arg))).length;
      default:
        return new KvError('ERR', `operation ${String(code)} is not known`);
    }
  }
}
