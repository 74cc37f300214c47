/** A state machine's state, to be compared: the records of its snapshot, those of keys in the order of the keys. */
import type { StateMachine } from '../../../kv/stateMachine.ts';

/** Sessions keep their order, which tells who was silent longest; that of keys tells nothing. */
export function recordsOf(state: StateMachine): string[] {
  const bytes = Buffer.concat([...state.snapshot()]);
  const others: string[] = [];
  const keys: string[] = [];
  for (let offset = 1; offset < bytes.byteLength; ) {
    const end = offset + 5 + bytes.readUInt32LE(offset + 1);
    (bytes[offset] === 0 ? keys : others).push(bytes.toString('hex', offset, end));
    offset = end;
  }
  return [...others, ...keys.sort()];
}
