import { expect } from 'chai';
import { axeViolations } from './axeViolations.ts';
import { pageUnderTest } from './openPage.ts';

const sizes = {
  phone: { width: 360, height: 740 },
  desktop: { width: 1280, height: 900 },
  large: { width: 1920, height: 1080 },
};

const looks = [
  ...([
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const),
  ...([
    ['desktop', 'light'],
    ['large', 'dark'],
  ] as const),
] as const;

describe('the page, as it looks', () => {
  const { open, complaints } = pageUnderTest();

  for (const [name, scheme] of looks) {
    it(`has nothing for axe-core to find, and nothing beyond its edge: ${name}, ${scheme}`, async () => {
      const page = await open('#seed=7&nodes=7&t=900', sizes[name], scheme);
      await page.getByRole('button', { name: /: leader, term/ }).waitFor();
      expect(await axeViolations(page)).to.deep.equal([]);
      const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(await overflow()).to.equal(0);
      await page.getByRole('button', { name: 'Stories' }).click();
      expect(await axeViolations(page), 'the stories').to.deep.equal([]);
      await page.getByRole('button', { name: /^Why only entries/ }).click();
      await page.locator('.telling .step').first().waitFor();
      expect(await axeViolations(page), 'a story').to.deep.equal([]);
      expect(await overflow()).to.equal(0);
      await page.close();
    });
  }

  it('moves nothing but what flies while it runs, with seven nodes', async () => {
    const page = await open('#seed=7&nodes=7&t=1000');
    await page.getByRole('button', { name: /: leader, term/ }).waitFor();
    await page.evaluate(() => {
      const seen = globalThis as unknown as { shifts: string[] };
      seen.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.shifts.push(JSON.stringify(entry));
      }).observe({ type: 'layout-shift', buffered: false });
    });
    await page.keyboard.press(' ');
    await page.waitForTimeout(2500);
    await page.keyboard.press(' ');
    expect(await page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts)).to.deep.equal(
      [],
    );
    await page.close();
  });

  it('is operated by the keyboard alone', async () => {
    const page = await open('#seed=7&nodes=3&t=900');
    const leader = page.getByRole('button', { name: /: leader, term/ });
    await leader.waitFor();
    const [id = ''] = (await leader.getAttribute('aria-label'))?.split(':') ?? [];
    await leader.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `Kill ${id}` }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: new RegExp(`^${id}: down`) }).waitFor();
    await page.locator('body').click({ position: { x: 2, y: 2 } });
    const time = await page.locator('.clock').innerText();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((before) => document.querySelector('.clock')?.textContent !== before, time);
    await page.close();
  });

  it('gave the browser nothing to complain about', () => {
    expect(complaints).to.deep.equal([]);
  });
});
