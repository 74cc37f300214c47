/**
 * A statechart as one TypeScript file that stands alone: one import from xstate, one object literal, stubs of the same
 * names. It is what the XState visualizer, Stately Studio and the editor extension read.
 */
import type { ExportedChart, NamedStub, Plain } from './exportedChart.ts';

const widthMax = 110;

export function typescriptText(chart: ExportedChart): string {
  const { id, description, actors, guards, actions, delays } = chart;
  const needsActors = actors.length > 0;
  const imports = needsActors ? 'createMachine, setup' : 'setup';
  return [
    ...docComment(`${description} Written by \`xstate-raft charts\`: the stubs decide and do nothing.`, 0),
    `import { ${imports} } from 'xstate';`,
    '',
    `export const ${id}Machine = setup({`,
    ...section('actors', actors, () => 'createMachine({})'),
    // A guard that always holds would let a transition without an event be taken for ever.
    ...section('guards', guards, () => '() => false'),
    ...section('delays', delays, ({ ms }) => String(ms)),
    ...section('actions', actions, () => '() => {}'),
    `}).createMachine(${print(chart.config, 0, '}).createMachine('.length)});`,
    '',
  ].join('\n');
}

function section<Stub extends NamedStub>(
  name: string,
  stubs: readonly Stub[],
  bodyOf: (stub: Stub) => string,
): string[] {
  if (stubs.length === 0) return [];
  const lines = stubs.flatMap((stub) => [
    ...(stub.description === undefined ? [] : docComment(stub.description, 4)),
    `    ${keyText(stub.name)}: ${bodyOf(stub)},`,
  ]);
  return [`  ${name}: {`, ...lines, '  },'];
}

function docComment(text: string, indent: number): string[] {
  const margin = ' '.repeat(indent);
  const whole = `${margin}/** ${text} */`;
  if (whole.length <= widthMax) return [whole];
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (`${margin} *${longer}`.length <= widthMax) lines[lines.length - 1] = longer;
    else lines.push(` ${word}`);
  }
  return [`${margin}/**`, ...lines.map((line) => `${margin} *${line}`), `${margin} */`];
}

/** @param used columns that the line has already */
function print(value: Plain, indent: number, used: number): string {
  const short = printShort(value);
  if (used + short.length + 1 <= widthMax || typeof value !== 'object' || value === null) return short;
  const inner = ' '.repeat(indent + 2);
  const isList = Array.isArray(value);
  const members = Object.entries(value).map(([key, member]: [string, Plain]) => {
    const head = isList ? inner : `${inner}${keyText(key)}: `;
    return `${head}${print(member, indent + 2, head.length)},\n`;
  });
  const [open, close] = isList ? '[]' : '{}';
  return `${open}\n${members.join('')}${' '.repeat(indent)}${close}`;
}

/** In one line. */
function printShort(value: Plain): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((member: Plain) => printShort(member)).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${keyText(key)}: ${printShort(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : stringText(key);
}

function stringText(text: string): string {
  const inJson = JSON.stringify(text);
  return /['"\\]/.test(inJson.slice(1, -1)) ? inJson : `'${text}'`;
}
