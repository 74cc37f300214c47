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

/** Ten times as fast as it is at first. */
async function play(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Play' }).click();
  await faster(page);
}

async function faster(page: Page): Promise<void> {
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('+');
}

describe('the page, with a cluster that is simulated in the browser', () => {
  const { open, complaints } = pageUnderTest();

  it('shows an election and then the leader, while it plays', async () => {
    const page = await open('#seed=7&nodes=5');
    await page.locator('.clock').waitFor();
    await faster(page);
    await leaderOn(page).waitFor();
    expect(await page.locator('.events').innerText()).to.match(/leads term 1, with the votes of/);
    await page.close();
  });

  it('kills the leader when asked to, and shows the election and the new leader', async () => {
    const page = await open('#seed=11&nodes=3&t=900');
    await leaderOn(page).waitFor();
    await play(page);
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

  it('lights the active states in the chart of the selected actor, and its last transition', async () => {
    const page = await open('#seed=7&nodes=3&t=900');
    await leaderOn(page).waitFor();
    const chart = page.locator('svg.chart');
    expect(await chart.getAttribute('aria-label')).to.match(
      /^The chart raft\. Active: leader, .*established/,
    );
    expect(await chart.locator('.state.active', { hasText: 'follower' }).count()).to.equal(0);
    expect(await chart.locator('.arrow.last').count()).to.be.above(0);
    await page
      .getByRole('button', { name: /: follower, term/ })
      .first()
      .click();
    await page.getByRole('img', { name: /^The chart raft\. Active: follower, .*waiting/ }).waitFor();
    await page.getByRole('button', { name: 'storage', exact: true }).click();
    await page.getByRole('img', { name: /^The chart storage\. Active: ready/ }).waitFor();
    await page.close();
  });

  it('puts a key and reads it, through a clerk on the network', async () => {
    const page = await open('#seed=7&nodes=3&t=900');
    await leaderOn(page).waitFor();
    await play(page);
    await page.getByRole('textbox', { name: 'Key', exact: true }).fill('colour');
    await page.getByRole('textbox', { name: 'Value' }).fill('green');
    await page.getByRole('button', { name: 'Put' }).click();
    await page.getByRole('status').filter({ hasText: 'colour is "green".' }).waitFor();
    await page.locator('.logs td', { hasText: 'put colour green' }).first().waitFor();
    await page.locator('.key-list').getByRole('button', { name: 'colour' }).click();
    await page.getByRole('status').filter({ hasText: 'colour is "green".' }).waitFor();
    await page.close();
  });

  it('lets somebody act in the past: what came behind it is replaced by what follows', async () => {
    const page = await open('#seed=7&nodes=3&t=3000');
    await page.locator('.clock', { hasText: '3.000 s' }).waitFor();
    const events = page.locator('.events');
    expect(await events.innerText()).not.to.include('is down');
    const scrub = page.getByRole('slider', { name: 'Time' });
    await scrub.fill('1500');
    await page.locator('.clock', { hasText: '1.500 s' }).waitFor();
    const killed = await leaderName(page);
    await page.getByRole('button', { name: `Kill ${killed}` }).click();
    await page.getByRole('button', { name: new RegExp(`^${killed}: down`) }).waitFor();
    expect(await page.locator('.clock').innerText()).to.equal('1.500 s');
    await play(page);
    await leaderOn(page, killed).waitFor();
    await page.close();
  });

  it('shares a link that shows the same, with all that was done', async () => {
    const page = await open('#seed=4&nodes=3&t=1200');
    await leaderOn(page).waitFor();
    const killed = await leaderName(page);
    await page.getByRole('button', { name: `Kill ${killed}` }).click();
    await page.getByRole('button', { name: new RegExp(`^${killed}: down`) }).waitFor();
    for (let i = 0; i < 10; i += 1) await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(300);
    const look = async (one: Page) => [
      await one.locator('.clock').innerText(),
      await one.locator('.events').innerText(),
      await one.locator('.logs').innerText(),
      await one.locator('#nodes').textContent(),
    ];
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    const again = await open(link.slice(link.indexOf('#')));
    await again.getByRole('button', { name: new RegExp(`^${killed}: down`) }).waitFor();
    await again.waitForTimeout(300);
    expect(await look(again)).to.deep.equal(await look(page));
    await page.close();
    await again.close();
  });

  it('gave the browser nothing to complain about', () => {
    expect(complaints).to.deep.equal([]);
  });
});
