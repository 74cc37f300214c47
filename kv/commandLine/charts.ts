/** `xstate-raft charts`: writes every statechart as files for the tools that show them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { shapeOf } from '../../runtime/chartExport/chartShape.ts';
import { docCommentsOf } from '../../runtime/chartExport/docComments.ts';
import { exportChart } from '../../runtime/chartExport/exportedChart.ts';
import { mermaidText } from '../../runtime/chartExport/mermaidText.ts';
import { typescriptText } from '../../runtime/chartExport/typescriptText.ts';
import { charts as allCharts, type NamedChart } from '../charts.ts';
import { CommandFailed } from './commandFailed.ts';

type Draw = typeof import('../../runtime/chartExport/svgText.ts').svgText;

/** Settles with the exit code. */
export async function charts(folder: string): Promise<number> {
  const draw = await loadDraw();
  const files = await Promise.all(allCharts.map((chart) => filesOf(chart, draw)));
  try {
    await mkdir(folder, { recursive: true });
    for (const [file, text] of files.flatMap((some) => [...some])) {
      await writeFile(path.join(folder, file), text);
    }
  } catch (error) {
    const { message } = error as Error; // what node:fs throws
    throw new CommandFailed(`Cannot write the charts to ${folder} (${message}): choose another --out.`);
  }
  process.stdout.write(`${allCharts.map(({ name }) => name).join(', ')}: written to ${folder}\n`);
  if (!draw) process.stdout.write('Without SVG: elkjs draws it. Add it with npm install elkjs.\n');
  return 0;
}

/** Names and contents. */
export async function filesOf(
  { name, machine, sources }: NamedChart,
  draw?: Draw,
): Promise<Map<string, string>> {
  const exported = exportChart(machine, docCommentsOf(await Promise.all(sources.map(readSource))));
  const shape = shapeOf(machine);
  const files = new Map([
    [`${name}.ts`, typescriptText(exported)],
    [`${name}.json`, `${JSON.stringify(exported.config, null, 2)}\n`],
    [`${name}.mmd`, mermaidText(shape)],
  ]);
  if (draw) files.set(`${name}.svg`, await draw(shape));
  return files;
}

/** As TypeScript or, of what is built, JavaScript: whichever this file is itself. */
function readSource(source: string): Promise<string> {
  return readFile(new URL(`../../${source}${path.extname(import.meta.url)}`, import.meta.url), 'utf8');
}

/** The drawing is optional: elkjs is larger than all the rest of the package. */
async function loadDraw(): Promise<Draw | undefined> {
  try {
    return (await import('../../runtime/chartExport/svgText.ts')).svgText;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // what Node throws
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes('elkjs')) return undefined;
    throw error;
  }
}
