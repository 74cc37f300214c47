/** A command of a client takes effect once, and the simulator notices where it does not. */
import { expect } from 'chai';
import { MemoryPersister } from 'xstate-raft/testing';
import { appendTrial } from './exactlyOnce.ts';

/** The kind of a session's record in a snapshot (docs/formats.md). */
const sessionRecord = 1;

/** A snapshot without its table of sessions. */
function withoutSessions(snapshot: Uint8Array): Uint8Array {
  const bytes = Buffer.from(snapshot);
  const kept = [bytes.subarray(0, 1)];
  for (let offset = 1; offset < bytes.byteLength; ) {
    const end = offset + 5 + bytes.readUInt32LE(offset + 1);
    if (bytes[offset] !== sessionRecord) kept.push(bytes.subarray(offset, end));
    offset = end;
  }
  return Buffer.concat(kept);
}

class ForgetfulPersister extends MemoryPersister {
  override save(state: Uint8Array, snapshot?: Uint8Array): void {
    super.save(state, snapshot && withoutSessions(snapshot));
  }
  override copy(): MemoryPersister {
    const copy = new ForgetfulPersister();
    copy.save(this.readRaftState(), this.readSnapshot());
    return copy;
  }
}

describe('appends through loss, partitions and restarts', () => {
  const seeds = [1, 2, 3];

  for (const seed of seeds) {
    it(`take effect once, in order (seed ${seed})`, async () => {
      expect(await appendTrial(seed)).to.equal(undefined);
    });
  }

  it('do not where the table of sessions is left out of snapshots', async () => {
    const wrongs = await Promise.all(seeds.map((seed) => outcome(seed)));
    expect(wrongs.join('; ')).to.match(/Session \d+ is unknown|reads .* in place of/);
  });

  /** A session that is gone shows in what is read, or in the error that its client gets. */
  function outcome(seed: number): Promise<string | undefined> {
    return appendTrial(seed, () => new ForgetfulPersister()).catch((error: unknown) => String(error));
  }
});
