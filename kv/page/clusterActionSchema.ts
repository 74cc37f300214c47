/** Reads what the page asks for; it may be anything. */
import { z } from 'zod';
import type { ClusterAction } from '../../runtime/observation/clusterAction.ts';

const node = z.string().min(1).max(255);
const link = { from: node, to: node };
/** Far above the longest key, and below the longest value that a page should take. */
const text = z.string().max(1024 * 1024);

const schema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('crash'), node }),
  z.strictObject({ type: z.literal('restart'), node }),
  z.strictObject({ type: z.literal('pause'), node, ms: z.number().min(0).max(3_600_000).exactOptional() }),
  z.strictObject({ type: z.literal('resume'), node }),
  z.strictObject({ type: z.literal('cut'), ...link }),
  z.strictObject({ type: z.literal('mend'), ...link }),
  z.strictObject({ type: z.literal('partition'), groups: z.array(z.array(node)) }),
  z.strictObject({ type: z.literal('heal') }),
  z.strictObject({ type: z.literal('transfer'), to: node }),
  z.strictObject({ type: z.literal('put'), key: text, value: text }),
  z.strictObject({ type: z.literal('get'), key: text }),
  z.strictObject({ type: z.literal('keys'), prefix: text, cursor: z.string().max(32).exactOptional() }),
]) satisfies z.ZodType<ClusterAction>;

/** The action, or what is wrong with it. */
export function readAction(body: string): ClusterAction | Error {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch (error) {
    return new Error(`The body is no JSON: ${(error as SyntaxError).message}.`); // all that parse throws
  }
  const action = schema.safeParse(content);
  if (action.success) return action.data;
  const [issue] = action.error.issues;
  return new Error(`The action is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message}.`);
}
