import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { pageUnderTest } from './openPage.ts';

/** The node that leads, as the page has it for those who cannot see it. */
const leaderOn = (page: Page, but = '') =>
  page.getByRole('button', { name: new RegExp(`^(?!${but || 'none'}:)n\\d: leader, term \\d+`) });

async function leaderName(page: Page, but = ''): Promise<string> {
  const label = await leaderOn(page, but).first().getAttribute('aria-label');
  return label?.split(':')[0] ?? '';
}

describe('the page, with a cluster that is simulated in the browser', () => {
  const { open, complaints } = pageUnderTest();

  it('shows an election and then the leader, while it plays', async () => {
    const page = await open('#seed=7&nodes=5');
    await leaderOn(page).waitFor();
    expect(await page.locator('.events').innerText()).to.match(/leads term 1, with the votes of/);
    await page.close();
  });

  it('kills the leader when asked to, and shows the election and the new leader', async () => {
    const page = await open('#seed=11&nodes=3');
    await leaderOn(page).waitFor();
    const killed = await leaderName(page);
    await page.getByRole('button', { name: `Kill ${killed}` }).click();
    await page.getByRole('button', { name: new RegExp(`^${killed}: down`) }).waitFor();
    await leaderOn(page, killed).waitFor();
    const events = await page.locator('.events').innerText();
    expect(events).to.include(`${killed}, the leader of term 1, is down.`);
    expect(events).to.match(/stands for election in term 2/);
    await page.getByRole('button', { name: new RegExp(`^${killed}: down`) }).click();
    await page.getByRole('button', { name: `Restart ${killed}` }).click();
    await page.getByRole('button', { name: new RegExp(`^${killed}: follower`) }).waitFor();
    await page.close();
  });

  it('steps one event at a time, on and back', async () => {
    const page = await open('#seed=7&nodes=5&t=400');
    const clock = page.locator('.clock');
    await page.getByText('0.400 s').first().waitFor();
    const times: string[] = [await clock.innerText()];
    for (let i = 0; i < 3; i += 1) {
      await page.getByRole('button', { name: 'Step one event' }).click();
      await page.waitForTimeout(100);
      times.push(await clock.innerText());
    }
    expect(times).to.deep.equal([...times].sort());
    expect(new Set(times).size).to.be.above(1);
    await page.getByRole('button', { name: 'One event back' }).click();
    await page.waitForTimeout(100);
    expect((await clock.innerText()) <= (times.at(-1) ?? '')).to.equal(true);
    await page.close();
  });

  it('gave the browser nothing to complain about', () => {
    expect(complaints).to.deep.equal([]);
  });
});
