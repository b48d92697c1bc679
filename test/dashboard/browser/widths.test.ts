import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { clippedTexts } from '../support/clipped-texts.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import { keepPicture, launchChromium, openPage, THEMES } from '../support/watched-page.ts';

const FEW = 3;
const MANY = 2000;
const PAGES = {
  overview: ['#/', 'table.groups tbody tr[data-severity]'],
  group: ['#/groups/orders/checkout-worker', 'table.partitions tbody .status'],
  traffic: ['#/traffic', '.chart canvas'],
  internals: ['#/internals', 'svg.machine .machine-count'],
} as const;

/** What each width shows of a group, in this order. */
const WIDTHS: readonly { readonly width: number; readonly columns: readonly string[] }[] = [
  { width: 390, columns: ['Group', 'Lag', 'Time lag'] },
  { width: 800, columns: ['Status', 'Since', 'Group', 'Cluster', 'Lag', 'Time lag'] },
  {
    width: 1400,
    columns: [
      'Status',
      'Since',
      'Group',
      'Cluster',
      'Lag',
      'Time lag',
      'Drain time',
      'Consumed/s',
      'Produced/s',
      'Last 15 min',
      'Partitions',
      'Sampled',
    ],
  },
];

/** Rows with the longest text of each column, their times as ages in minutes. */
const LONGEST = [
  { status: 'NOTFOUND', lag: 999_999_999, timeLagSeconds: 86_340, ageMinutes: 59, isExact: false },
  { status: 'UNKNOWN', lag: 888_888_888, timeLagSeconds: 3599, ageMinutes: 23 * 60, isExact: false },
  { status: 'REWIND', lag: null, timeLagSeconds: null, ageMinutes: 400 * 1440, isExact: false },
  { status: 'WARN', lag: 1_234_567, timeLagSeconds: 86_400 * 365, ageMinutes: 1, isExact: true },
] as const;

describe.skipIf(!debianIsPossible())('given the dashboard in windows of several widths', () => {
  const cleanups = createCleanups();
  const demos = new Map<number, Demo>();
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    for (const groups of [FEW, MANY]) demos.set(groups, await startDemo(groups, cleanups.add));
  });
  afterAll(() => cleanups.run());

  describe.each(WIDTHS)('when a window is $width pixels wide', ({ width, columns }) => {
    test.each([FEW, MANY])('and there are %i groups, then each page fits, in both themes', async (groups) => {
      const { url } = demos.get(groups)!;
      const { page, troubles } = await openPage(browser, url, { viewport: { width, height: 900 } });
      for (const [name, [hash, shows]] of Object.entries(PAGES)) {
        await page.goto(`${url}/${hash}`);
        await page.locator(shows).first().waitFor();
        await page.locator('.connection-live').waitFor();
        for (const theme of THEMES) {
          await page.emulateMedia({ colorScheme: theme });
          await keepPicture(page, `${name}-${groups}-${width}-${theme}`);
        }
        expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
        // The tables of the twin machine scroll by themselves.
        if (name !== 'internals') expect(await clippedTexts(page)).toEqual([]);
        if (name === 'overview') {
          expect(await cutCells(page)).toEqual([]);
          expect(await shownColumns(page)).toEqual(columns);
        }
      }
      expect(troubles).toEqual([]);
      await page.context().close();
    });

    test('and figures are as long as they become, then none is cut off', async () => {
      const { url } = demos.get(FEW)!;
      const { page } = await openPage(browser, url, { viewport: { width, height: 900 } });
      await showLongest(page);
      await page.goto(url);
      await page.locator('table.groups tbody tr[data-severity]').first().waitFor();
      await keepPicture(page, `overview-longest-${width}`);
      expect(await page.locator('table.groups tbody tr[data-severity]').count()).toBe(LONGEST.length);
      expect(await cutCells(page)).toEqual([]);
      expect(await shownColumns(page)).toEqual(columns);
      for (const { status } of LONGEST) {
        await page.locator('.status:visible', { hasText: status }).first().waitFor();
      }
      await page.context().close();
    });
  });
});

/** Answers with LONGEST in place of the real groups, which an event would bring back. */
async function showLongest(page: Page): Promise<void> {
  await page.route('**/api/groups?*', async (route) => {
    const answer = (await (await route.fetch()).json()) as {
      nowMs: number;
      columns: string[];
      rows: unknown[][];
    };
    const [known] = answer.rows;
    const rows = LONGEST.map(({ status, lag, timeLagSeconds, ageMinutes, isExact }, index) => {
      const atMs = answer.nowMs - ageMinutes * 60_000;
      const values: Record<string, unknown> = {
        group: `group-${index}`,
        status,
        totalLagRecords: lag,
        lagSeconds: timeLagSeconds,
        drainSeconds: index === 0 ? null : timeLagSeconds,
        isDraining: index !== 0,
        consumedPerSecond: lag,
        producedPerSecond: 99_999_999,
        partitions: 100_000,
        sampledAtMs: atMs,
        statusSinceMs: atMs,
        isSinceExact: isExact,
      };
      return answer.columns.map((column, place) => (column in values ? values[column] : known?.[place]));
    });
    await route.fulfill({ json: { ...answer, rows, total: rows.length } });
  });
  await page.route('**/api/events', (route) =>
    route.fulfill({
      contentType: 'text/event-stream',
      body: 'id: 1\nevent: reset\ndata: {"reason":"fresh","nowMs":1}\n\n',
    }),
  );
}

/** Every cell of the list, and every part of one, whose content is wider or higher than its place. */
async function cutCells(page: Page): Promise<readonly string[]> {
  return page.evaluate(`Array.from(document.querySelectorAll('table.groups :is(th, td, th *, td *)'))
    .filter((part) => part instanceof HTMLElement && part.offsetParent !== null)
    .filter((part) => getComputedStyle(part).display !== 'inline')
    .filter((part) => part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight + 1)
    .map((part) => part.closest('th, td').className + ': ' + part.innerText + ' ' +
      part.scrollWidth + '/' + part.clientWidth + ' ' + part.scrollHeight + '/' + part.clientHeight)`);
}

/** The headings that are within the window, in full. */
async function shownColumns(page: Page): Promise<readonly string[]> {
  return page.evaluate(`Array.from(document.querySelectorAll('table.groups thead th'))
    .filter((head) => head.offsetParent !== null)
    .filter((head) => head.getBoundingClientRect().left >= 0 && head.getBoundingClientRect().right <= innerWidth)
    .map((head) => head.innerText.replace(/[\\s\\u202f]+/g, ' ').trim())`);
}
