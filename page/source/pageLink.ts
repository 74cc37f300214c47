/** The part of the page's address behind the #: which scenario, what was done to it, and the moment looked at. */
import type { ClusterAction } from '../../runtime/observation/clusterAction.ts';
import type { Scenario, ScheduledAction, SharedView } from './scenario.ts';

export const nodesMin = 1;
export const nodesMax = 9;

/** A link that cannot be read; the message says what of it. */
export class UnreadableLink extends Error {
  override readonly name = 'UnreadableLink';
  readonly code = 'UnreadableLink';
}

export function linkOf({ scenario, actions, time }: SharedView): string {
  const words = new URLSearchParams();
  if (scenario.kind === 'story') words.set('story', scenario.name);
  else if (scenario.kind !== 'live') {
    words.set(scenario.kind === 'plan' ? 'soak' : 'seed', String(scenario.seed));
    words.set('nodes', String(scenario.nodes));
  }
  if (scenario.kind === 'plan') {
    if (scenario.variant !== undefined) words.set('variant', scenario.variant);
    if (scenario.steps !== undefined) words.set('steps', scenario.steps.join(','));
  }
  // Not before it: what happens at that moment is to be seen.
  if (time !== null) words.set('t', String(Math.ceil(time * 1000) / 1000));
  if (actions.length > 0) {
    words.set('did', JSON.stringify(actions.map(({ events, atMs, action }) => [events, atMs, action])));
  }
  return `#${words}`;
}

/**
 * What a link shows; undefined: it says nothing.
 * @throws UnreadableLink
 */
export function viewOf(hash: string): SharedView | undefined {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const scenario = scenarioOf(words);
  if (!scenario) return undefined;
  const time = words.get('t');
  return {
    scenario,
    actions: actionsOf(words.get('did') ?? '[]'),
    time: time === null ? null : numberIn('t', time, 0, Number.MAX_SAFE_INTEGER),
  };
}

function scenarioOf(words: URLSearchParams): Scenario | undefined {
  const name = words.get('story');
  if (name !== null) return { kind: 'story', name };
  const nodes = numberIn('nodes', words.get('nodes') ?? '5', nodesMin, nodesMax, Number.isInteger);
  const whole = (word: string, value: string) => numberIn(word, value, 0, 2 ** 48, Number.isInteger);
  const soak = words.get('soak');
  if (soak !== null) {
    const variant = words.get('variant');
    const steps = words.get('steps');
    return {
      ...{ kind: 'plan', seed: whole('soak', soak), nodes },
      ...(variant !== null && { variant }),
      ...(steps !== null && {
        steps: steps
          .split(',')
          .filter(Boolean)
          .map((step) => whole('steps', step)),
      }),
    };
  }
  const seed = words.get('seed');
  return seed === null ? undefined : { kind: 'sandbox', seed: whole('seed', seed), nodes };
}

function actionsOf(text: string): ScheduledAction[] {
  const unreadable = new UnreadableLink('What was done ("did") cannot be read: copy the whole link.');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw unreadable;
  }
  if (!Array.isArray(given)) throw unreadable;
  return given.map((one: unknown) => {
    if (!Array.isArray(one)) throw unreadable;
    const [events, atMs, action] = one as unknown[];
    if (!Number.isInteger(events) || !Number.isFinite(atMs) || !isAction(action)) throw unreadable;
    return { events: events as number, atMs: atMs as number, action }; // looked at above
  });
}

const isName = (value: unknown) => typeof value === 'string' && value.length < 64;
const isText = (value: unknown) => typeof value === 'string' && value.length < 10_000;
const fields: {
  readonly [Type in ClusterAction['type']]: Readonly<Record<string, (value: unknown) => boolean>>;
} = {
  crash: { node: isName },
  restart: { node: isName },
  pause: { node: isName },
  resume: { node: isName },
  cut: { from: isName, to: isName },
  mend: { from: isName, to: isName },
  partition: {
    groups: (value) =>
      Array.isArray(value) && value.every((group) => Array.isArray(group) && group.every(isName)),
  },
  heal: {},
  transfer: { to: isName },
  put: { key: isText, value: isText },
  get: { key: isText },
  keys: { prefix: isText },
};

function isAction(value: unknown): value is ClusterAction {
  const action = value as Record<string, unknown> | null; // each field is looked at
  const known = Object.hasOwn(fields, String(action?.type))
    ? fields[action?.type as ClusterAction['type']]
    : undefined;
  return known !== undefined && Object.entries(known).every(([name, holds]) => holds(action?.[name]));
}

function numberIn(
  word: string,
  text: string,
  min: number,
  max: number,
  holds: (value: number) => boolean = Number.isFinite,
): number {
  const value = Number(text);
  if (text.trim() !== '' && holds(value) && value >= min && value <= max) return value;
  throw new UnreadableLink(`${word} is "${text}" in this link: give a number from ${min} to ${max}.`);
}
