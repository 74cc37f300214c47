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

/** `CHROME_PATH` names another; empty: that of the package. */
export async function launchBrowser(): Promise<Browser> {
  const { CHROME_PATH: named = systemPaths.find((path) => existsSync(path)) ?? '' } = process.env;
  const ofPackage =
    named === ''
      ? { executablePath: await chromiumOfPackage.executablePath(), args: chromiumOfPackage.args }
      : undefined;
  return chromium.launch({
    executablePath: ofPackage?.executablePath ?? named,
    headless: true,
    args: [...(ofPackage?.args ?? []), '--no-sandbox'],
  });
}
