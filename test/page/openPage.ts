/** The page in a browser: built once for all test files, and every complaint of the browser kept. */
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { type PageServer, servePage } from './pageServer.ts';

export interface PageUnderTest {
  /** Opens the page in a tab of its own; `hash`: the part of the address behind the #, which comes with it. */
  open(
    hash?: string,
    size?: { width: number; height: number },
    colorScheme?: 'light' | 'dark',
  ): Promise<Page>;
  /** What the browser's console had to complain about, and errors that nobody caught, in all tabs. */
  readonly complaints: readonly string[];
}

/** Longer than anything here takes on a busy machine, ms. */
const patienceMs = 20_000;

let browser: Browser | undefined;
let staticServer: Promise<PageServer> | undefined;

// Outside of any suite: when all are done.
after(async () => {
  await browser?.close();
  await (await staticServer)?.close();
});

/** Call it in a `describe`. `serve`: for this suite alone; unless given, the page as any file server gives it. */
export function pageUnderTest(serve?: () => Promise<PageServer>): PageUnderTest {
  const complaints: string[] = [];
  let server: PageServer | undefined;
  before(async function () {
    this.timeout(120_000);
    if (!serve) staticServer ??= servePage();
    server = await (serve?.() ?? staticServer);
    browser ??= await launchBrowser();
  });
  after(async () => {
    if (serve) await server?.close();
  });
  return {
    complaints,
    async open(hash = '', viewport = { width: 1280, height: 900 }, colorScheme = 'light') {
      if (!browser || !server) throw new Error('The browser is not there: call open in a test.');
      const page = await browser.newPage({ viewport, colorScheme });
      page.setDefaultTimeout(patienceMs);
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error.stack)));
      await page.goto(`${server.url}${hash}`);
      return page;
    },
  };
}
