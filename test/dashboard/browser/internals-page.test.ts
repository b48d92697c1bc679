import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import { accessibilityFaults, keepPicture, launchChromium, openPage } from '../support/watched-page.ts';

describe.skipIf(!debianIsPossible())('given the page of the internals', () => {
  const cleanups = createCleanups();
  let browser: Browser;
  let demo: Demo;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    demo = await startDemo(3, cleanups.add);
  });
  afterAll(() => cleanups.run());

  test('when a group is open, then its states are one link away, and the way back is, too', async () => {
    const { page, troubles } = await openPage(browser, demo.url);
    await page.goto(`${demo.url}/#/groups/orders/email-sender`);
    await page.locator('table.partitions tbody tr').first().waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/twin/i);
    await page.locator('main').getByRole('link', { name: 'Internals' }).click();
    await page.locator('h1:focus', { hasText: 'Internals' }).waitFor();
    const states = page.getByRole('table', { name: 'States of the series of the group' });
    await states.waitFor();
    const rows = await states.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(3);
    for (const [index, row] of rows.entries())
      expect(row.replace(/\s+/g, ' ')).toMatch(
        new RegExp(
          `^email-outbox ${index} (open|closed|ending) (fresh|held) (open|closed|ending) (fresh|held)$`,
        ),
      );
    await page.locator('svg.machine .machine-count').first().waitFor();
    await page.getByRole('link', { name: 'orders / email-sender' }).click();
    await page.locator('h1:focus', { hasText: 'email-sender' }).waitFor();
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('when the former address is opened, then it leads here, and back leads to where the reader was', async () => {
    const { page } = await openPage(browser, demo.url);
    await page.goto(`${demo.url}/#/traffic`);
    await page.locator('.connection-live').waitFor();
    await page.evaluate("location.hash = '#/machine'");
    await page.getByRole('heading', { name: 'Internals', level: 1 }).waitFor();
    await page.waitForURL(/#\/internals$/);
    await page.goBack();
    await page.waitForURL(/#\/traffic$/);
    await page.goto('about:blank');
    await page.goto(`${demo.url}/#/machine`);
    await page.waitForURL(/#\/internals$/);
    await page.getByRole('heading', { name: 'Internals', level: 1 }).waitFor();
    await page.context().close();
  });

  test('when there is no such group, then it says so', async () => {
    const { page } = await openPage(browser, demo.url);
    await page.goto(`${demo.url}/#/internals/orders/nobody`);
    await page.getByText('There is no such group, or it has no sample yet.').waitFor();
    await page.locator('svg.machine').first().waitFor();
    await page.context().close();
  });

  test.each(
    [390, 800, 1400].flatMap((width) => (['light', 'dark'] as const).map((theme) => [width, theme] as const)),
  )('when it is opened in %i pixels (%s), then all of it can be reached', async (width, colorScheme) => {
    const viewport = { width, height: 1300 };
    const { page, troubles } = await openPage(browser, demo.url, { colorScheme, viewport });
    await page.goto(`${demo.url}/#/internals/orders/email-sender`);
    await page.locator('svg.machine .machine-count').first().waitFor();
    await page.getByRole('table', { name: 'States of the series of the group' }).waitFor();
    await keepPicture(page, `internals-${width}-${colorScheme}`);
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});
