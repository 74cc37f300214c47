/** What may be done in a script: the sentences that a step may be, beside the statements. */
import type { NodeId } from '../../../machines/configuration.ts';
import { toBytes } from '../../observation/speech.ts';
import { type Conditions, conditions } from '../network.ts';
import { type SimulationOptions, simulate } from '../simulation.ts';
import { idsIn, nodeName, nodeNames, type Stage, type Words } from './scriptStatements.ts';
import { ScriptTrace } from './scriptTrace.ts';

export interface Step {
  readonly form: string;
  readonly pattern: RegExp;
  play(stage: Stage, ...words: Words): void | Promise<void>;
}

const says = (text: string) => new RegExp(`^${text}$`);
const link = `from (${nodeName}) to (${nodeName})`;
const ms = '(\\d+(?:\\.\\d+)?) ms';

export const steps: readonly Step[] = [
  {
    form: 'For 50 ms:',
    pattern: says(`For ${ms}:`),
    play: ({ simulation }, time) => simulation.run(Number(time)),
  },
  {
    form: 'n1 proposes "x".  or  n1 proposes "x", "y" and "z".',
    pattern: says(`(${nodeName}) proposes ("[^"]*"(?:(?:, | and )"[^"]*")*)\\.`),
    play: async (stage, id = '', commands = '') => {
      for (const [, command = ''] of commands.matchAll(/"([^"]*)"/g)) propose(stage, id, command);
      await stage.simulation.run(0);
    },
  },
  {
    form: 'Cut n1 off.',
    pattern: says(`Cut (${nodeNames}) off\\.`),
    play: ({ simulation }, names = '') => {
      for (const id of idsIn(names)) simulation.network.disconnect(id);
    },
  },
  {
    form: 'Reconnect n1.',
    pattern: says(`Reconnect (${nodeNames})\\.`),
    play: ({ simulation }, names = '') => {
      for (const id of idsIn(names)) simulation.network.connect(id);
    },
  },
  {
    form: 'Partition n1, n2 | n3, n4, n5.',
    pattern: says(`Partition (${nodeNames}(?: \\| ${nodeNames})+)\\.`),
    play: ({ simulation }, groups = '') => simulation.network.partition(...groups.split('|').map(idsIn)),
  },
  {
    form: 'Cut the way from n1 to n2.',
    pattern: says(`Cut the way ${link}\\.`),
    play: ({ simulation }, from = '', to = '') => simulation.network.cut(from, to),
  },
  {
    form: 'Heal the network.',
    pattern: says('Heal the network\\.'),
    play: ({ simulation }) => {
      simulation.network.heal();
      simulation.network.conditions = conditions.reliable;
    },
  },
  {
    form: 'Messages take 20 ms.  or  Messages from n1 to n2 take 20 ms.',
    pattern: says(`Messages(?: ${link})? take ${ms}\\.`),
    play: (stage, from = '', to = '', time = '') =>
      weather(stage, from, to, { hopMs: [Number(time), Number(time)] }),
  },
  {
    form: 'Requests arrive twice.  or  Requests from n1 to n2 arrive twice.',
    pattern: says(`Requests(?: ${link})? arrive twice\\.`),
    play: (stage, from = '', to = '') => weather(stage, from, to, { duplication: 1 }),
  },
  {
    form: 'Answers come 300 ms late.  or  Answers from n2 to n1 come 300 ms late.',
    pattern: says(`Answers(?: ${link})? come ${ms} late\\.`),
    play: (stage, from = '', to = '', time = '') =>
      weather(stage, from, to, { lateReplies: 1, lateReplyMs: [Number(time), Number(time)] }),
  },
  {
    form: 'The disk of n1 takes 40 ms to sync.',
    pattern: says(`The disks? of (${nodeNames}) takes? ${ms} to sync\\.`),
    play: ({ simulation }, names = '', time = '') => {
      for (const id of idsIn(names)) {
        const disk = simulation.disk(id);
        disk.conditions = { ...disk.conditions, syncMs: [Number(time), Number(time)] };
      }
    },
  },
  {
    form: 'Crash n1.',
    pattern: says(`Crash (${nodeNames})\\.`),
    play: ({ simulation, trace }, names = '') => {
      for (const id of idsIn(names)) {
        const last = simulation.status(id)?.lastLogIndex ?? 0;
        simulation.crash(id);
        trace.begin(id);
        const { entries, snapshot } = simulation.disk(id).recovered;
        const kept = entries.reduce((sum, { count }) => sum + count, snapshot.index);
        if (last > kept) trace.say(id, `loses what was not durable: all behind ${kept}`);
      }
    },
  },
  {
    form: 'Restart n1.',
    pattern: says(`Restart (${nodeNames})\\.`),
    play: ({ simulation, trace }, names = '') => {
      for (const id of idsIn(names)) {
        simulation.restart(id);
        trace.begin(id);
      }
    },
  },
  {
    form: 'Hand leadership over to n2.',
    pattern: says(`Hand leadership over to (${nodeName})\\.`),
    play: ({ simulation }, id = '') => simulation.transferLeadership(id),
  },
];

function propose({ simulation, trace }: Stage, id: NodeId, command: string): void {
  const { isLeader, index, term } = simulation.propose(id, toBytes(command));
  trace.say(id, isLeader ? `appends ${index}@${term} "${command}"` : 'does not lead: takes no proposal');
}

/** Changes the conditions of one direction of a link, or of all. */
function weather(
  { simulation: { network } }: Stage,
  from: string,
  to: string,
  own: Partial<Conditions>,
): void {
  if (from === '') network.conditions = { ...network.conditions, ...own };
  else network.setLink(from, to, own);
}

const numbers = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven'];

/** How a script begins. */
export const openingForm =
  'Three nodes, seed 7[, without pre-vote][, without check-quorum][, a snapshot of 500 KiB every 3 entries].';
const opening =
  /^(\w+) nodes, seed (\d+)(, without pre-vote)?(, without check-quorum)?(?:, a snapshot of (\d+) KiB every (\d+) entries)?\.$/;

/** The stage that the first sentence of a script asks for; undefined: it is none. */
export function open(sentence: string): Stage | undefined {
  const [whole, count = '', seed, noPreVote, noCheckQuorum, kib, every] = opening.exec(sentence) ?? [];
  const nodes = numbers.indexOf(count.toLowerCase());
  if (whole === undefined || nodes < 1) return undefined;
  const options: SimulationOptions = {
    ...{ nodes, seed: Number(seed) },
    raft: { preVote: noPreVote === undefined, checkQuorum: noCheckQuorum === undefined },
    ...(every !== undefined && { snapshots: { everyEntries: Number(every), bytes: Number(kib) * 1024 } }),
  };
  const simulation = simulate(options);
  return { simulation, trace: new ScriptTrace(simulation) };
}
