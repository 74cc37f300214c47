/** A real Chromium: the system's where there is one, else the one that an npm package brings. */
import { existsSync } from 'node:fs';
import chromiumOfPackage from '@sparticuz/chromium';
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
  const isOfPackage = named === '';
  return chromium.launch({
    executablePath: isOfPackage ? await chromiumOfPackage.executablePath() : named,
    headless: true,
    args: ['--no-sandbox', ...(isOfPackage ? flagsOfPackage : [])],
  });
}
