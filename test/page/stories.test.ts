import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { trial } from '../../runtime/simulation/soak/trial.ts';
import { partsOf, planFor } from '../../runtime/simulation/soak/variants.ts';
import { pageUnderTest } from './openPage.ts';

/** The log of a node as the table shows it: terms and commands. */
async function logOf(page: Page, node: string): Promise<string[]> {
  const cells = page.locator('.logs tbody tr', {
    has: page.getByRole('button', { name: node, exact: true }),
  });
  return cells
    .locator('td.entry')
    .evaluateAll((found) =>
      found.map((cell) =>
        ['.number', '.text'].map((name) => cell.querySelector(name)?.textContent).join('@'),
      ),
    );
}

describe('the page, with a story', () => {
  const { open, complaints } = pageUnderTest();

  it('steps the story of figure 8 to its end, in which what a majority held is gone', async () => {
    const page = await open('#story=figure8&t=2887.7');
    await page.locator('.beats li').last().waitFor();
    await page
      .locator('.clock', { hasText: '2.887 s' })
      .or(page.locator('.clock', { hasText: '2.888 s' }))
      .waitFor();
    expect(await logOf(page, 'n3')).to.deep.equal(['1@a', '1@b']);
    const step = page.getByRole('button', { name: 'Step one event' });
    for (let i = 0; i < 120 && (await logOf(page, 'n2')).length < 3; i += 1) await step.click();
    for (const node of ['n2', 'n3', 'n4', 'n5']) {
      expect(await logOf(page, node), node).to.deep.equal(['1@a', '2@c', '4@d']);
    }
    expect(await page.locator('.telling .step').last().innerText()).to.equal('"b" is applied nowhere.');
    await page.close();
  });

  it('has the logs of figure 7 when the leader of term 8 comes to power', async () => {
    const page = await open('#story=figure7', { width: 1920, height: 1080 });
    await page.locator('.beats button', { hasText: 'The log of n1 is:' }).click();
    await page.getByRole('button', { name: /^n1: leader, term 8/ }).waitFor();
    const terms = async (node: string) => (await logOf(page, node)).map((entry) => entry[0]).join('');
    expect(await Promise.all(['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'].map(terms))).to.deep.equal([
      ...['1114455666', '111445566', '1114', '11144556666', '111445566677', '1114444', '11122233333'],
    ]);
    await page.close();
  });

  it('steps a scenario of the labs, and ends it where somebody interferes', async () => {
    const page = await open('#story=2A+election+after+network+failure');
    await page.locator('.beats li', { hasText: 'All that must hold has held.' }).waitFor();
    await page.locator('.beats button', { hasText: 'The leader is cut off' }).click();
    const old = page.getByRole('button', { name: /: leader, term 1/ });
    await old.waitFor();
    const step = page.getByRole('button', { name: 'Step one event' });
    await step.click();
    await page.locator('.link.cut').nth(1).waitFor();
    const next = page.getByRole('button', { name: /: leader, term 2/ });
    for (let i = 0; i < 60 && (await next.count()) === 0; i += 1) await step.click();
    const [id = ''] = (await next.getAttribute('aria-label'))?.split(':') ?? [];
    await next.click();
    await page.getByRole('button', { name: `Kill ${id}` }).click();
    await page.getByRole('button', { name: new RegExp(`^${id}: down`) }).waitFor();
    const told = page.locator('.beats');
    await told.locator('li', { hasText: 'All that must hold has held.' }).waitFor({ state: 'detached' });
    expect(await told.innerText()).to.include('The leader is cut off');
    for (let i = 0; i < 20; i += 1) await step.click();
    expect(await page.locator('#problem').innerText()).to.equal('');
    await page.close();
  });

  it('lets somebody interfere with a story, and shares what comes of it', async () => {
    const page = await open('#story=oneCommand&t=560');
    await page.locator('.clock', { hasText: '0.560 s' }).waitFor();
    await page.getByRole('button', { name: 'Kill n1' }).click();
    await page.getByRole('button', { name: /^n1: down/ }).waitFor();
    for (let i = 0; i < 12; i += 1) await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(300);
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    const again = await open(link.slice(link.indexOf('#')));
    await again.getByRole('button', { name: /^n1: down/ }).waitFor();
    await again.waitForTimeout(300);
    for (const part of ['.clock', '.logs', '.events']) {
      expect(await again.locator(part).innerText(), part).to.equal(await page.locator(part).innerText());
    }
    expect(await again.locator('.beats').innerText()).not.to.include('The logs of n1, n2 and n3 are');
    await page.close();
    await again.close();
  });

  it('tells sentence after sentence as it plays', async () => {
    const page = await open('#story=oneCommand');
    const told = page.locator('.telling .step').first();
    await told.waitFor();
    const first = await told.innerText();
    await page.waitForFunction(
      (before) => document.querySelector('.telling .step')?.textContent !== before,
      first,
    );
    await page.close();
  });

  it('offers every script and every scenario of the labs', async () => {
    const page = await open('#story=figure8');
    await page.getByRole('button', { name: 'Stories' }).click();
    for (const figure of ['Figure 2', 'Figure 7', 'Figure 8', 'Figure 13']) {
      await page.locator('.stories .badge', { hasText: figure }).first().waitFor();
    }
    for (const part of ['2A', '2B', '2C', '2D', '3A', '3B']) {
      await page.locator('summary', { hasText: `Lab ${part}` }).waitFor();
    }
    await page.getByRole('button', { name: /A split vote/ }).click();
    await page.locator('#title', { hasText: 'A split vote' }).waitFor();
    await page.getByRole('button', { name: 'Stories' }).click();
    await page.locator('summary', { hasText: 'Lab 3A' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#title', { hasText: 'One client' }).waitFor();
    await page.locator('.client-spot').waitFor();
    await page.close();
  });

  it('shows what a failing seed of the soak broke', async () => {
    const variant = 'votes twice in a term';
    const { violation } = await trial(planFor(3, 5, variant), partsOf(variant));
    if (!violation) throw new Error(`Seed 3 does not show what "${variant}" breaks.`);
    const page = await open(
      `#${new URLSearchParams({ soak: '3', nodes: '5', variant, t: String(violation.atMs) })}`,
    );
    const text = `${violation.invariant} is broken: ${violation.what}`;
    await page.locator('.events li', { hasText: text }).waitFor();
    await page.close();
  });

  it('says what is wrong with a link, and shows a cluster all the same', async () => {
    const page = await open('#seed=many');
    await page.getByRole('alert').filter({ hasText: 'seed is "many" in this link' }).waitFor();
    await page.getByRole('button', { name: /^n1: follower/ }).waitFor();
    await page.close();
  });

  it('gave the browser nothing to complain about', () => {
    expect(complaints).to.deep.equal([]);
  });
});
