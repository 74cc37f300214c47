/** INFO: what the node is and how it does, for people, monitoring and the clients that ask before they begin. */
import type { FrontFacts, LocalCommand } from './command.ts';
import { sections } from './infoSections.ts';
import { wordOf } from './text.ts';

const everything = new Set(['all', 'default', 'everything']);

/** All sections, or those asked for; names that are none are passed over, as in Redis. */
export function infoText(wanted: readonly string[], front: FrontFacts): string {
  const isAll = wanted.length === 0 || wanted.some((name) => everything.has(name));
  const status = front.status();
  return sections
    .filter(({ title }) => isAll || wanted.includes(title.toLowerCase()))
    .map(({ title, fields }) => {
      const lines = fields(front, status).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${title}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}

export const infoCommand: LocalCommand = {
  name: 'info',
  arity: -1,
  answer: (args, _client, front) => infoText(args.map(wordOf), front),
  flags: ['loading', 'stale'],
  categories: ['@slow', '@dangerous'],
  keys: [0, 0, 0],
  summary: 'Tells what the node is and how it does.',
  since: '1.0.0',
  group: 'server',
};
