/** What a script may claim, or wait for: sentences that are true or not, each with what is true instead. */
import type { NodeId } from '../../../machines/configuration.ts';
import { entriesOf, listText } from '../../observation/speech.ts';
import type { Simulation } from '../simulation.ts';
import type { ScriptTrace } from './scriptTrace.ts';

export interface Stage {
  readonly simulation: Simulation;
  readonly trace: ScriptTrace;
}

/** The words of a sentence that its pattern caught; a word that was not said is empty. */
export type Words = readonly string[];

export interface Statement {
  /** As it stands in a script, to be shown where a sentence is not understood. */
  readonly form: string;
  /** Without its full stop. */
  readonly pattern: RegExp;
  holds(stage: Stage, ...words: Words): boolean;
  /** What is true, when it does not hold. */
  fact(stage: Stage, ...words: Words): string;
}

export const nodeName = 'n\\d+';
export const nodeNames = `${nodeName}(?:, ${nodeName})*(?: and ${nodeName})?`;
const entry = '\\d+@\\d+ (?:"[^"]*"|of its own)';
const entries = `${entry}(?:, ${entry})*`;

const says = (text: string) => new RegExp(`^${text}$`, 'i');
/** The nodes that a sentence names. */
export const idsIn = (text: string): NodeId[] => text.match(/n\d+/g) ?? [];
const commandsIn = (text: string) => [...text.matchAll(/"([^"]*)"/g)].map(([, command = '']) => command);

function logOf({ simulation }: Stage, id: NodeId): string {
  const log = simulation.log(id);
  if (!log) return diskOf(simulation, id);
  const held = [];
  for (let index = log.firstIndex; index <= log.lastIndex; index += 1) {
    const found = log.entryAt(index);
    if (found) held.push(found);
  }
  return listText(held);
}

function diskOf(simulation: Simulation, id: NodeId): string {
  return simulation
    .disk(id)
    .recovered.entries.map((block) => listText(entriesOf(block)))
    .join(', ');
}

const roleNames = { preCandidate: 'pre-candidate', stopped: 'stopped node' } as Readonly<
  Record<string, string>
>;

function state({ simulation }: Stage, id: NodeId): string {
  const status = simulation.status(id);
  if (!status) return `${id} is down`;
  const { role, term, leader } = status;
  const follows = role === 'follower' && leader !== null ? `, follows ${leader}` : '';
  return `${id} is a ${roleNames[role] ?? role} in term ${term}${follows}`;
}

const states = (stage: Stage, names?: string) =>
  (names ? idsIn(names) : stage.simulation.ids).map((id) => state(stage, id)).join('; ');
const statusOf = ({ simulation }: Stage, id: NodeId) => simulation.status(id);
const leaders = ({ simulation }: Stage) =>
  simulation.ids.filter((id) => simulation.status(id)?.role === 'leader');

/** A claim about how far a node, or several, have come. */
function reaches(
  verb: string,
  field: 'commitIndex' | 'lastApplied' | 'snapshotIndex',
  form: string,
): Statement {
  const value = (stage: Stage, id: NodeId) => statusOf(stage, id)?.[field];
  return {
    form,
    pattern: says(`(${nodeNames}) (?:has|have) ${verb} (nothing|up to (\\d+))`),
    holds: (stage, names = '', _, index = '0') =>
      idsIn(names).every((id) => value(stage, id) === Number(index || 0)),
    fact: (stage, names = '') =>
      idsIn(names)
        .map((id) => `${id} has ${verb} up to ${value(stage, id) ?? 'an unknown index: it is down'}`)
        .join('; '),
  };
}

export const statements: readonly Statement[] = [
  {
    form: 'A leader is elected',
    pattern: says('a leader is elected'),
    holds: (stage) => leaders(stage).length > 0,
    fact: (stage) => states(stage),
  },
  {
    form: 'Nobody leads',
    pattern: says('nobody leads'),
    holds: (stage) => leaders(stage).length === 0,
    fact: (stage) => states(stage),
  },
  {
    form: 'n1 leads [term 2]',
    pattern: says(`(${nodeName}) leads(?: term (\\d+))?`),
    holds: (stage, id = '', term = '') => {
      const status = statusOf(stage, id);
      return status?.role === 'leader' && (term === '' || status.term === Number(term));
    },
    fact: (stage) => states(stage),
  },
  {
    form: 'n2 and n3 follow n1',
    pattern: says(`(${nodeNames}) follows? (${nodeName})`),
    holds: (stage, names = '', leader = '') =>
      idsIn(names).every((id) => {
        const status = statusOf(stage, id);
        return status?.role === 'follower' && status.leader === leader;
      }),
    fact: states,
  },
  {
    form: 'n1 is a follower|pre-candidate|candidate|leader in term 2',
    pattern: says(`(${nodeName}) is a (follower|pre-candidate|candidate|leader) in term (\\d+)`),
    holds: (stage, id = '', role = '', term = '') =>
      state(stage, id).split(',')[0] === `${id} is a ${role} in term ${term}`,
    fact: states,
  },
  {
    form: 'n1 and n2 are in term 2',
    pattern: says(`(${nodeNames}) (?:is|are) in term (\\d+)`),
    holds: (stage, names = '', term = '') =>
      idsIn(names).every((id) => statusOf(stage, id)?.term === Number(term)),
    fact: states,
  },
  {
    form: 'n2 has voted for n1 in term 2',
    pattern: says(`(${nodeName}) has voted for (${nodeName}|nobody) in term (\\d+)`),
    holds: ({ simulation }, id = '', candidate = '', term = '') => {
      const durable = simulation.disk(id).recovered;
      return durable.term === Number(term) && (durable.votedFor ?? 'nobody') === candidate;
    },
    fact: ({ simulation }, id = '') => {
      const { term, votedFor } = simulation.disk(id).recovered;
      return `${id} has voted for ${votedFor ?? 'nobody'} in term ${term}`;
    },
  },
  {
    form: '"x" is applied everywhere|nowhere|on n1 and n2',
    pattern: says(
      `("[^"]*"(?:(?:, | and )"[^"]*")*) (?:is|are) applied (everywhere|nowhere|on (${nodeNames}))`,
    ),
    holds: ({ simulation, trace }, commands = '', where = '', names = '') => {
      const ids = names === '' ? simulation.ids : idsIn(names);
      const has = (id: NodeId, command: string) => trace.applied.get(id)?.includes(command) === true;
      return commandsIn(commands).every((command) =>
        ids.every((id) => has(id, command) === (where.toLowerCase() !== 'nowhere')),
      );
    },
    fact: ({ trace }) =>
      [...trace.applied].map(([id, commands]) => `${id} has applied "${commands.join('" "')}"`).join('; '),
  },
  reaches('committed', 'commitIndex', 'n1 has committed nothing|up to 3'),
  reaches('applied', 'lastApplied', 'n1 has applied nothing|up to 3'),
  reaches('compacted', 'snapshotIndex', 'n1 has compacted nothing|up to 3'),
  {
    form: 'The log of n1 is: 1@1 "x", 2@3 "y"',
    pattern: says(`the logs? of (${nodeNames}) (?:is|are): (${entries})`),
    holds: (stage, names = '', list = '') => idsIn(names).every((id) => logOf(stage, id) === list),
    fact: (stage, names = '') => logs(stage, idsIn(names)),
  },
  {
    form: 'The log of n1 is empty',
    pattern: says(`the logs? of (${nodeNames}) (?:is|are) empty`),
    holds: (stage, names = '') => idsIn(names).every((id) => logOf(stage, id) === ''),
    fact: (stage, names = '') => logs(stage, idsIn(names)),
  },
  {
    form: 'All logs are the same',
    pattern: says('all logs are the same'),
    holds: (stage) => new Set(stage.simulation.ids.map((id) => logOf(stage, id))).size === 1,
    fact: (stage) => logs(stage, stage.simulation.ids),
  },
  {
    form: 'The disk of n1 holds: no entry|1@1 "x"',
    pattern: says(`the disk of (${nodeName}) holds: (no entry|${entries})`),
    holds: ({ simulation }, id = '', list = '') => (diskOf(simulation, id) || 'no entry') === list,
    fact: ({ simulation }, id = '') => `the disk of ${id} holds: ${diskOf(simulation, id) || 'no entry'}`,
  },
];

function logs(stage: Stage, ids: readonly NodeId[]): string {
  return ids.map((id) => `the log of ${id} is: ${logOf(stage, id) || 'empty'}`).join('; ');
}
