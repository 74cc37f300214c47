/** The state machine behind the Redis front, without a log that would take time. */
import type { Audience } from '../../../kv/audience.ts';
import { isWrite, type Operation } from '../../../kv/operation.ts';
import type { Session } from '../../../kv/redis/backend.ts';
import { Applied } from './applied.ts';
import { MemoryBackend } from './redisMemoryBackend.ts';

export class StateBackend extends MemoryBackend {
  readonly applied = new Applied(1_700_000_000_000);

  override openSession(): Session {
    return {
      submit: (operations, done) => {
        this.runs.push(operations);
        setImmediate(() => done(operations.map((operation) => this.#carryOut(operation))));
      },
      close: () => {},
    };
  }

  override listen(audience: Audience): void {
    this.applied.state.listen(audience);
  }

  #carryOut(operation: Operation) {
    return isWrite(operation.code) ? this.applied.carryOut(operation) : this.applied.answer(operation);
  }
}
