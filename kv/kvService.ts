/** Ties a key/value server actor to its node: what is applied and who leads goes in, answers come out. */
import type { NodeId } from '../machines/configuration.ts';
import type { ServiceActor } from '../machines/node.ts';
import type { Storage } from '../machines/ports.ts';
import { planned } from '../runtime/chart/plannedChart.ts';
import { InvalidArgument } from '../runtime/errors.ts';
import type { NodeService } from '../runtime/nodeService.ts';
import type { RaftNode } from '../runtime/raftNode.ts';
import { readStoredSnapshot } from '../runtime/storage/readStoredSnapshot.ts';
import type { Audience } from './audience.ts';
import { copyOfKvServerContext, type KvServerEvent } from './kvServer.context.ts';
import { kvServerMachine } from './kvServer.ts';
import { KvServing } from './kvServing.ts';
import { sessionIdleMsMax } from './limits.ts';
import type { SnapshotPace } from './snapshotPace.ts';
import { StateMachine } from './stateMachine.ts';
import { type Answer, decodeItems, encodeAnswer, type Item, kvService } from './wire.ts';

const plannedKvServer = planned(kvServerMachine, copyOfKvServerContext);

export interface KvServiceOptions {
  readonly nodeId: NodeId;
  readonly storage: Storage;
  /** A snapshot is taken when the log's entries exceed this many bytes; -1: never. */
  readonly maxLogBytes: number;
  /** ms since the Unix epoch, by the clock of the node's machine. */
  readonly timeOfDay: () => number;
  /** How long a session that this node registers may be silent, ms; 1 hour unless given. */
  readonly sessionIdleMsMax?: number;
  /** Unless given, a snapshot is written as fast as it can be. */
  readonly snapshotPace?: SnapshotPace;
}

export class KvService implements NodeService {
  readonly id = kvService;
  readonly #options: KvServiceOptions;
  readonly #state = new StateMachine();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #node: RaftNode | undefined;
  #tokens = 0;

  /** @throws InvalidArgument */
  constructor(options: KvServiceOptions) {
    const { sessionIdleMsMax: idleMsMax = sessionIdleMsMax } = options;
    if (!Number.isSafeInteger(idleMsMax) || idleMsMax < 1) {
      throw new InvalidArgument(`sessionIdleMsMax is ${idleMsMax}: give a whole number of ms above 0.`);
    }
    this.#options = options;
  }

  /** The number of keys. */
  get keys(): number {
    return this.#state.keys;
  }

  /** The number of keys that expire. */
  get keysExpiring(): number {
    return this.#state.deadlines;
  }

  /** The names of the keys, one character to a byte; keys may come and go meanwhile. */
  keyNames(): Iterable<string> {
    return this.#state.keyNames();
  }

  /** Who hears of what this node applies from now on, in the order of the log. */
  listen(audience: Audience): void {
    this.#state.listen(audience);
  }

  /** Takes over the node's snapshot; before the node starts. */
  async restore(): Promise<void> {
    const stored = this.#options.storage.snapshot();
    if (stored) await this.#state.restore(readStoredSnapshot(stored));
  }

  /** The actor that the node starts and ends. */
  actor(node: RaftNode): ServiceActor {
    this.#node = node;
    this.#state.keepQuietThrough({ index: node.log.lastIndex, term: node.log.lastTerm });
    const { nodeId: id, storage, ...options } = this.#options;
    const serving = new KvServing({
      ...{ sessionIdleMsMax, ...options, id, node, storage, state: this.#state },
      reply: (token, answer) => {
        const waiting = this.#waiting.get(token);
        this.#waiting.delete(token);
        waiting?.(answer);
      },
    });
    const tell = (event: KvServerEvent) => node.tell('kvServer', { ...event });
    node.streams.apply$.subscribe((applied) =>
      tell(
        applied.type === 'entries'
          ? { type: 'entriesApplied', entries: applied.entries }
          : { type: 'snapshotReceived', snapshot: applied.snapshot },
      ),
    );
    node.streams.readConfirmed$.subscribe((confirmed) => tell({ type: 'readConfirmed', ...confirmed }));
    node.events.on('roleChanged', ({ role }) =>
      tell({ type: role === 'leader' ? 'leadershipGained' : 'leadershipLost' }),
    );
    node.events.on('leaderChanged', ({ leader }) => tell({ type: 'leaderChanged', leader }));
    return {
      id: 'kvServer',
      logic: plannedKvServer,
      input: { serving, lastApplied: node.log.snapshotIndex },
    };
  }

  /**
   * A batch of items from a clerk; `answer` gets the encoded answer once, or never if the node ends first.
   * @throws MalformedKvMessage
   */
  handle(body: Uint8Array, answer: (body: Uint8Array) => void): void {
    this.ask(decodeItems(body), (given) => answer(encodeAnswer(given)));
  }

  /** The same without the encoding. The bytes of the items are the service's from now on. */
  ask(items: readonly Item[], answer: (given: Answer) => void): void {
    this.#tokens += 1;
    this.#waiting.set(this.#tokens, answer);
    this.#node?.tell('kvServer', { type: 'requested', token: this.#tokens, items });
  }
}
