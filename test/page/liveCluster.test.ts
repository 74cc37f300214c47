/** The page of a cluster of processes, as `npm start` prints it: looked at, broken and mended through the browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { askRedis } from '../../kv/commandLine/redisClient.ts';
import { pageFolder } from '../../kv/page/pageFiles.ts';
import { freeBase } from '../freePorts.ts';
import { RunningCommand } from '../runningCommand.ts';
import { axeViolations } from './axeViolations.ts';
import { pageUnderTest } from './openPage.ts';
import { buildPage } from './pageServer.ts';

/** A node as the page has it for those who cannot see it, by what it is. */
const nodeOn = (page: Page, what: RegExp) => page.getByRole('button', { name: what });

const leaderOn = (page: Page, but = 'none') =>
  nodeOn(page, new RegExp(`^(?!${but}:)n\\d: leader, term \\d+`));

async function leaderName(page: Page): Promise<string> {
  const label = await leaderOn(page).first().getAttribute('aria-label');
  return label?.split(':')[0] ?? '';
}

describe('the page, with a cluster that runs', () => {
  let folder: string;
  let base: number;

  const { open, complaints } = pageUnderTest(async () => {
    // The command serves what lies there.
    await buildPage(pageFolder());
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    base = await freeBase();
    const dev = new RunningCommand(['xstate-raft', 'dev', '--data', folder, '--port', String(base)]);
    const [, url = ''] = await dev.says(/^Watch it work, and break it: (\S+)$/m);
    return {
      url,
      async close() {
        await dev.stop('SIGINT');
        await rm(folder, { recursive: true });
      },
    };
  });

  it('shows a leader, and which cluster it is', async () => {
    const page = await open();
    await leaderOn(page).waitFor();
    await page.getByRole('heading', { name: /Live: dev-[0-9a-f]{8}/ }).waitFor();
    const label = await nodeOn(page, /^n1: /).getAttribute('aria-label');
    expect(label).to.match(/^n1: (leader|follower), term \d+, log up to \d+, committed up to \d+$/);
    await page.close();
  });

  it('kills the leader when asked to, shows the election with its cause and the new leader, and starts it again', async () => {
    const page = await open();
    await leaderOn(page).waitFor();
    const killed = await leaderName(page);
    await page.getByRole('button', { name: `Kill ${killed}` }).click();
    await nodeOn(page, new RegExp(`^${killed}: down`)).waitFor();
    await leaderOn(page, killed).waitFor();
    const events = await page.locator('.events').innerText();
    expect(events).to.match(new RegExp(`${killed}, the leader of term \\d+, is down\\.`));
    expect(events).to.match(new RegExp(`it has heard nothing of ${killed} for \\d+ ms`));
    expect(events).to.match(/leads term \d+, with the votes of/);
    await nodeOn(page, new RegExp(`^${killed}: down`)).click();
    await page.getByRole('button', { name: `Restart ${killed}` }).click();
    await nodeOn(page, new RegExp(`^${killed}: follower`)).waitFor();
    await page.locator('.events', { hasText: `${killed} is back` }).waitFor();
    await page.close();
  });

  it('cuts a link and mends it', async () => {
    const page = await open();
    await leaderOn(page).waitFor();
    const links = page.getByRole('button', { name: /^Link between/ });
    await links.first().click();
    await page.locator('.link.cut').waitFor();
    await links.and(page.locator('[aria-pressed="false"]')).waitFor();
    await page.getByRole('button', { name: 'Heal all' }).click();
    await page.locator('.link.cut').waitFor({ state: 'detached' });
    await page.close();
  });

  it('puts a key, which is then in its list and in the cluster, and reads one that came from elsewhere', async () => {
    const page = await open();
    await leaderOn(page).waitFor();
    const address = { host: '127.0.0.1', port: base };
    await page.getByLabel('Key', { exact: true }).fill('fruit\\x00');
    await page.getByLabel('Value', { exact: true }).fill('Äpfel');
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await page.getByText('"fruit\\x00" is "Äpfel".').waitFor();
    await page.getByRole('list', { name: 'Keys' }).getByRole('button', { name: 'fruit\\x00' }).waitFor();
    expect(await askRedis(address, ['GET', 'fruit\0'], 10_000)).to.equal('Äpfel');
    await askRedis(address, ['SET', 'elsewhere', 'x'.repeat(20_000)], 10_000);
    await page.getByLabel('Keys that begin with').fill('else');
    await page.getByRole('button', { name: 'List' }).click();
    await page.getByRole('button', { name: 'elsewhere' }).click();
    await page
      .getByText('"elsewhere" has a value of 20000 bytes, of which the first 16384 are shown.')
      .waitFor();
    expect(await page.locator('.value').innerText()).to.have.length(16_384);
    await page.close();
  });

  it('says why something cannot be done', async () => {
    const page = await open();
    await leaderOn(page).waitFor();
    await page.getByLabel('Key', { exact: true }).fill('a\\b');
    await page.getByRole('button', { name: 'Get', exact: true }).click();
    await page.getByText('is no escape').waitFor();
    await page.close();
  });

  it('has a story to show meanwhile, and comes back', async () => {
    const page = await open();
    await leaderOn(page).waitFor();
    await page.getByRole('button', { name: 'Stories' }).click();
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('heading', { name: /Seed 7, 5 nodes/ }).waitFor();
    await page.getByRole('button', { name: 'Stories' }).click();
    await page.getByRole('button', { name: 'The live cluster' }).click();
    await page.getByRole('heading', { name: /Live: dev-/ }).waitFor();
    await leaderOn(page).waitFor();
    await page.close();
  });

  for (const colors of ['light', 'dark'] as const) {
    it(`leaves axe-core nothing to find, in ${colors} colours, also on a telephone`, async () => {
      for (const size of [undefined, { width: 375, height: 800 }]) {
        const page = await open('', size, colors);
        await leaderOn(page).waitFor();
        await page.locator('.key-list button').first().waitFor();
        expect(await axeViolations(page)).to.deep.equal([]);
        await page.evaluate('document.body.append(new Image())');
        expect((await axeViolations(page)).join()).to.contain('image-alt');
        await page.close();
      }
    });
  }

  it('gave the browser nothing to complain about', () => {
    expect(complaints).to.deep.equal([]);
  });
});
