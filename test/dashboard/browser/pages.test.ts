import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import {
  accessibilityFaults,
  keepPicture,
  keepPictures,
  launchChromium,
  openPage,
  THEMES,
  type Theme,
} from '../support/watched-page.ts';

/** Each page, and what is on it once it shows live figures. */
const PAGES: readonly { readonly name: string; readonly hash: string; readonly shows: string }[] = [
  { name: 'overview', hash: '#/', shows: 'table.groups tbody tr[data-severity]' },
  { name: 'group', hash: '#/groups/orders/checkout-worker', shows: 'table.partitions tbody .status' },
  { name: 'traffic', hash: '#/traffic', shows: '.chart canvas' },
  { name: 'internals', hash: '#/internals', shows: 'svg.machine .machine-count' },
];
const FEW = 3;
const MANY = 10_000;

describe.skipIf(!debianIsPossible())('given the dashboard of the demo in a real Chromium', () => {
  const cleanups = createCleanups();
  const demos = new Map<number, Demo>();
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    for (const groups of [FEW, MANY]) demos.set(groups, await startDemo(groups, cleanups.add));
  });
  afterAll(() => cleanups.run());

  async function visit(groups: number, hash: string, theme: Theme, width = 1440) {
    const { url } = demos.get(groups)!;
    const opened = await openPage(browser, url, { colorScheme: theme, viewport: { width, height: 900 } });
    await opened.page.goto(`${url}/${hash}`);
    await opened.page.locator('.connection-live').waitFor();
    return opened;
  }

  /** Nothing but what scrolls by itself is wider than the window. */
  async function isWiderThanWindow(page: Page): Promise<boolean> {
    return page.evaluate('document.documentElement.scrollWidth > innerWidth');
  }

  describe.each([FEW, MANY])('with %i groups', (groups) => {
    describe.each(PAGES)('when its page $name is opened', ({ name, hash, shows }) => {
      test.each(THEMES)(
        '%s, then it shows live figures, to everybody, and asks nobody else',
        async (theme) => {
          const { page, troubles } = await visit(groups, hash, theme);
          await page.locator(shows).first().waitFor();
          await keepPicture(page, `${name}-${groups}-${theme}`);
          expect(await accessibilityFaults(page)).toEqual([]);
          expect(await isWiderThanWindow(page)).toBe(false);
          expect(troubles).toEqual([]);
          await page.context().close();
        },
      );
    });
  });

  test.each(PAGES)('when $name is opened in a narrow window, then all of it can be reached', async (each) => {
    const { page, troubles } = await visit(FEW, each.hash, 'light', 400);
    await page.locator(each.shows).first().waitFor();
    await keepPicture(page, `${each.name}-narrow`);
    expect(await isWiderThanWindow(page)).toBe(false);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('when the reader chooses other colours, then they stay, and the reader can go back to those of the system', async () => {
    const { page } = await visit(FEW, '#/', 'light');
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    const turn = page.getByRole('button', { name: /^Colours/ });
    await turn.click();
    expect(await ground()).toBe(light);
    await turn.click();
    expect(await ground()).not.toBe(light);
    await page.reload();
    await page.locator('.connection-live').waitFor();
    expect(await ground()).not.toBe(light);
    await turn.click();
    expect(await ground()).toBe(light);
    await page.context().close();
  });

  test('when there are ten thousand groups, then only the rows in sight are drawn, and each can be reached', async () => {
    const { page } = await visit(MANY, '#/?sort=group', 'light');
    const rows = page.locator('table.groups tbody tr[data-severity]');
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThan(80);
    const total = Number(await page.locator('table.groups').getAttribute('aria-rowcount')) - 1;
    expect(total).toBeGreaterThan(MANY * 0.85);
    // On a slow machine groups may still be coming, and the last row with them.
    const isAtEnd = () =>
      page.evaluate<boolean>(
        "document.activeElement.closest('tr').getAttribute('aria-rowindex') === document.querySelector('table.groups').getAttribute('aria-rowcount')",
      );
    await pollUntil(
      async () => {
        await page.keyboard.press('End');
        return (await isAtEnd()) ? true : undefined;
      },
      { what: 'the last row to have the focus', withinMs: 60_000 },
    );
    expect(await rows.count()).toBeLessThan(80);
    await page.context().close();
  });

  test('when they are searched, filtered and sorted, then the address holds that, and opening it shows the same', async () => {
    const { page } = await visit(MANY, '#/', 'light');
    const names = page.locator('table.groups tbody th .name');
    await names.first().waitFor();
    await page.keyboard.press('/');
    await page.locator('#search:focus').waitFor();
    await page.keyboard.type('settlement-batch-12');
    await page.getByRole('button', { name: /^Group/ }).click();
    await page.locator('th[aria-sort="ascending"]', { hasText: 'Group' }).waitFor();
    expect(await names.first().textContent()).toBe('settlement-batch-12');
    expect(await names.allTextContents()).toEqual(expect.arrayContaining(['settlement-batch-120']));
    const address = page.url();
    expect(address).toContain('search=settlement-batch-12');
    const again = await openPage(browser, demos.get(MANY)!.url);
    await again.page.goto(address);
    await expect
      .poll(() =>
        again.page
          .locator('table.groups tbody th .name')
          .first()
          .textContent()
          .catch(() => ''),
      )
      .toBe('settlement-batch-12');
    await again.page.context().close();
    await page.context().close();
  });

  test('when a reader asks for the keys, then a dialog shows them, and Escape closes it and nothing else', async () => {
    const { page, troubles } = await visit(FEW, '#/groups/orders/checkout-worker', 'light');
    await page.locator('table.partitions').waitFor();
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await page.keyboard.press('?');
    await dialog.waitFor();
    await keepPictures(page, 'keys');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(page.url()).toContain('checkout-worker');
    await page.getByRole('button', { name: 'Keys' }).click();
    await dialog.waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.goto(`${demos.get(FEW)!.url}/#/`);
    await page.locator('#search').fill('a');
    await page.locator('#search').press('?');
    expect(await page.locator('#search').inputValue()).toBe('a?');
    expect(await dialog.isVisible()).toBe(false);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('when a reader has only a keyboard, then they find a group, open it and come back', async () => {
    const { page, troubles } = await visit(FEW, '#/?sort=group', 'dark');
    await page.locator('table.groups tbody tr[data-severity]').first().waitFor();
    await page.keyboard.press('/');
    await page.locator('#search:focus').waitFor();
    await page.keyboard.type('fraud');
    await page.keyboard.press('ArrowDown');
    await page.locator('table.groups a:focus', { hasText: 'fraud-detector' }).waitFor();
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).not.toBe('none');
    await page.keyboard.press('Enter');
    await page.locator('h1:focus', { hasText: 'fraud-detector' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#search').waitFor();
    expect(await page.locator('#search').inputValue()).toBe('fraud');
    await page.locator('#search').focus();
    await page.keyboard.press('Escape');
    await page.locator('table.groups a', { hasText: 'email-sender' }).waitFor();
    expect(await page.locator('#search').inputValue()).toBe('');
    expect(await page.locator('#search:focus').count()).toBe(0);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});
