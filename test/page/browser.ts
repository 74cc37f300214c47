/** A real Chromium: the system's where there is one, else the one that an npm package brings. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import chromiumOfPackage, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const systemPaths = [
  ...[
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
  ],
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** What the package's Chromium needs where there is no graphics card; its own flags are for one page in one process. */
const flagsOfPackage = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** `CHROME_PATH` names another; empty: that of the package. */
export async function launchBrowser(): Promise<Browser> {
  const { CHROME_PATH: named = systemPaths.find((path) => existsSync(path)) ?? '' } = process.env;
  if (named !== '') return chromium.launch({ executablePath: named, args: ['--no-sandbox'] });
  const executablePath = await chromiumOfPackage.executablePath();
  return chromium.launch({
    ...{ executablePath, args: ['--no-sandbox', ...flagsOfPackage] },
    env: { ...process.env, ...(await environmentOfPackage(path.dirname(executablePath))) },
  });
}

/** The libraries and fonts that a machine without a desktop lacks; the package unpacks libraries in a cloud only. */
async function environmentOfPackage(folder: string): Promise<Record<string, string>> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const libraries = path.join(await inflate(path.join(entry, '../../bin/al2023.tar.br')), 'lib');
  const { LD_LIBRARY_PATH: others } = process.env;
  return {
    LD_LIBRARY_PATH: others ? `${libraries}:${others}` : libraries,
    ...(!existsSync('/etc/fonts') && { FONTCONFIG_PATH: path.join(folder, 'fonts') }),
  };
}
