/** Reads and writes for the page, as any client of the cluster has them: linearizable, and whatever the bytes are. */
import type { ActionOutcome, ClusterAction } from '../../runtime/observation/clusterAction.ts';
import { bytesOfText, textOfBytes } from './byteText.ts';

/** What the nodes answer: a string, nothing, or a list. */
export type Answer = Buffer | null | readonly Answer[];

/**
 * Has a command of Redis carried out. `isHarmless`: it may be asked for again when the answer was lost.
 * @throws an error that says why it was not
 */
export type AskCluster = (command: readonly (string | Uint8Array)[], isHarmless: boolean) => Promise<Answer>;

export type KeyAction = Extract<ClusterAction, { readonly type: 'get' | 'put' | 'keys' }>;

/** Characters of a value that are told with its key. */
const shortMax = 100;

/** Bytes of a value that are shown. */
const shownBytesMax = 16 * 1024;

/** Keys that one outcome lists, about; and how often it asks for more if few are found. */
const keysPerPage = 100;
const scansMax = 50;

export function isKeyAction(action: ClusterAction): action is KeyAction {
  return action.type === 'get' || action.type === 'put' || action.type === 'keys';
}

/** @throws MalformedText, and what `ask` throws */
export async function actOnKeys(ask: AskCluster, action: KeyAction): Promise<ActionOutcome> {
  if (action.type === 'keys') return listKeys(ask, action.prefix, action.cursor ?? '0');
  const { key } = action;
  const bytes = bytesOfText(key);
  if (action.type === 'put') {
    await ask(['SET', bytes, bytesOfText(action.value)], false);
    return { isDone: true, text: sentence(key, action.value), value: action.value };
  }
  const value = await ask(['GET', bytes], true);
  if (!Buffer.isBuffer(value)) return { isDone: true, text: `${quoted(key)} has no value.`, value: null };
  const { byteLength } = value;
  const shown = textOfBytes(value.subarray(0, shownBytesMax));
  if (byteLength <= shownBytesMax) return { isDone: true, text: sentence(key, shown), value: shown };
  const text = `${quoted(key)} has a value of ${byteLength} bytes, of which the first ${shownBytesMax} are shown.`;
  return { isDone: true, text, value: shown };
}

function sentence(key: string, value: string): string {
  return value.length > shortMax
    ? `${quoted(key)} has a value of ${value.length} characters.`
    : `${quoted(key)} is "${value}".`;
}

async function listKeys(ask: AskCluster, prefix: string, from: string): Promise<ActionOutcome> {
  const pattern = Buffer.concat([literal(bytesOfText(prefix)), Buffer.from('*')]);
  const keys: string[] = [];
  let cursor = from;
  for (let scans = 0; scans < scansMax && keys.length < keysPerPage; scans += 1) {
    const answer = await ask(['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(keysPerPage)], true);
    const [next, found] = Array.isArray(answer) ? (answer as readonly Answer[]) : [];
    if (!Buffer.isBuffer(next) || !Array.isArray(found))
      throw new Error('The answer to SCAN makes no sense.');
    cursor = next.toString();
    for (const key of found) if (Buffer.isBuffer(key)) keys.push(textOfBytes(key));
    if (cursor === '0') break;
  }
  const more = cursor === '0' ? '' : ' so far';
  const text = `${keys.length === 1 ? '1 key' : `${keys.length} keys`}${more}.`;
  return { isDone: true, text, keys, ...(cursor !== '0' && { cursor }) };
}

/** As a pattern of Redis: it stands for itself. */
function literal(bytes: Uint8Array): Buffer {
  return Buffer.from([...bytes].flatMap((byte) => (special.has(byte) ? [backslash, byte] : [byte])));
}

const backslash = 0x5c;
const special = new Set(Buffer.from('*?[]^-\\'));

function quoted(key: string): string {
  return `"${key}"`;
}
