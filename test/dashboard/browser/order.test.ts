import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import { accessibilityFaults, launchChromium, openPage } from '../support/watched-page.ts';

const GROUPS = 2000;
/** One reading a second, for a minute. */
const READINGS = 60;
const SEVERITIES: Readonly<Record<string, number>> = { OK: 0, NOTFOUND: 1, UNKNOWN: 1, WARN: 2 };
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 };

/** A row as it is on the screen. */
interface SeenRow {
  readonly name: string;
  readonly status: string;
  readonly lag: string;
  readonly timeLag: string;
}

describe.skipIf(!debianIsPossible())('given the overview of 2,000 groups whose figures move', () => {
  const cleanups = createCleanups();
  let browser: Browser;
  let demo: Demo;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    demo = await startDemo(GROUPS, cleanups.add);
  });
  afterAll(() => cleanups.run());

  async function visit(hash: string): Promise<Page> {
    const { page } = await openPage(browser, demo.url);
    await page.goto(`${demo.url}/${hash}`);
    await page.locator('table.groups tbody tr[data-severity]').first().waitFor();
    await page.locator('.connection-live').waitFor();
    return page;
  }

  test('when it is read 60 times within a minute, then the order is that of the figures that are shown, each time', async () => {
    const byWorst = await visit('#/');
    const byLag = await visit('#/?sort=totalLagRecords');
    const faults: string[] = [];
    const pictures = new Set<string>();
    for (let reading = 1; reading <= READINGS; reading += 1) {
      const worst = await readRows(byWorst);
      const lags = await readRows(byLag);
      pictures.add(JSON.stringify(worst));
      faults.push(
        ...wrongNeighbours(worst, badnessOf).map((fault) => `${reading}, worst first: ${fault}`),
        ...wrongNeighbours(lags, ({ lag }) => [numberOf(lag)]).map((fault) => `${reading}, by lag: ${fault}`),
      );
      await sleep(1000);
    }
    expect(faults.slice(0, 10), `${faults.length} rows in a wrong place`).toEqual([]);
    // Otherwise the order of figures that stand still would have been read.
    expect(pictures.size).toBeGreaterThan(10);
    await byWorst.context().close();
    await byLag.context().close();
  });

  test('when the pointer is on the list, then the rows stay, the figures move, and a line says so until Escape', async () => {
    const page = await visit('#/');
    const line = page.locator('.order-line');
    await line.filter({ hasText: 'Worst first' }).waitFor();
    // The title of the window and the button of the status are of the same moment as the list.
    const [title, button] = await page.evaluate<readonly string[]>(
      "[document.title, document.querySelector('.chip').innerText.replace(/\\s+/g, ' ').trim()]",
    );
    expect(button).toMatch(/^ERR \d+$/);
    expect(title).toBe(`${button?.replace('ERR ', '') ?? ''} ERR · burrow-rainbow`);
    await page.locator('table.groups tbody tr[data-severity]').nth(3).hover();
    await line.filter({ hasText: 'Order held while the pointer is on the list' }).waitFor();
    await expectHeld(page);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await line.filter({ hasText: 'Worst first' }).waitFor();
    expect(wrongNeighbours(await readRows(page), badnessOf)).toEqual([]);
    await page.locator('table.groups tbody tr[data-severity]').nth(4).hover();
    await line.filter({ hasText: 'Order held' }).waitFor();
    await page.mouse.move(400, 20);
    await line.filter({ hasText: 'Worst first' }).waitFor();
    await page.context().close();
  });

  test.each([
    ['pointer', (page: Page) => page.locator('table.groups tbody tr[data-severity]').nth(3).hover()],
    ['keyboard', (page: Page) => page.keyboard.press('ArrowDown')],
  ])('when the %s was left on the list, then it holds the order no more', async (_what, goThere) => {
    const { page } = await openPage(browser, demo.url);
    await page.clock.install();
    await page.goto(demo.url);
    const line = page.locator('.order-line');
    await page.locator('table.groups tbody tr[data-severity]').nth(3).waitFor();
    await goThere(page);
    await line.filter({ hasText: 'Order held' }).waitFor();
    await page.clock.fastForward(301_000);
    await line.filter({ hasText: 'Worst first' }).waitFor();
    await page.context().close();
  });

  test('when the keyboard is on the list, then the rows stay, and Escape lets them go', async () => {
    const page = await visit('#/');
    const line = page.locator('.order-line');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.locator('table.groups tbody a:focus').waitFor();
    await line.filter({ hasText: 'Order held while the keyboard is on the list' }).waitFor();
    await expectHeld(page);
    await page.keyboard.press('Escape');
    await line.filter({ hasText: 'Worst first' }).waitFor();
    expect(wrongNeighbours(await readRows(page), badnessOf)).toEqual([]);
    await page.context().close();
  });

  /** Waits until several figures have changed: no row may have moved. Rows of groups that ended may be gone. */
  async function expectHeld(page: Page): Promise<void> {
    const before = new Map((await readRows(page)).map((row) => [row.name, row]));
    const moves: string[] = [];
    await pollUntil(
      async () => {
        const rows = (await readRows(page)).filter(({ name }) => before.has(name));
        const shown = new Set(rows.map(({ name }) => name));
        const expected = [...before.keys()].filter((name) => shown.has(name));
        rows.forEach(({ name }, place) => {
          if (name !== expected[place]) moves.push(`${name} is where ${expected[place] ?? 'nothing'} was`);
        });
        return rows.filter(({ name, lag }) => lag !== before.get(name)?.lag).length > 5 ? true : undefined;
      },
      { what: 'figures to change', withinMs: 60_000 },
    );
    expect(moves).toEqual([]);
  }
});

/** All rows that are drawn, at one moment. */
async function readRows(page: Page): Promise<readonly SeenRow[]> {
  return page.evaluate(`Array.from(document.querySelectorAll('table.groups tbody tr[data-severity]'), (row) => ({
    name: row.querySelector('th').innerText,
    status: row.querySelector('.col-status').innerText,
    lag: row.querySelector('.col-lag').innerText,
    timeLag: row.querySelector('.col-time').innerText,
  }))`);
}

/** The numbers of the order "worst first", as far as the text on the screen tells them. */
function badnessOf({ status, timeLag }: SeenRow): readonly number[] {
  return [SEVERITIES[status.trim()] ?? 3, secondsOf(timeLag)];
}

/** Each row that should be before the one above it. */
function wrongNeighbours(rows: readonly SeenRow[], keys: (row: SeenRow) => readonly number[]): string[] {
  expect(rows.length).toBeGreaterThan(10);
  return rows.flatMap((row, index) => {
    const above = rows[index - 1];
    if (above === undefined) return [];
    const own = keys(row);
    const others = keys(above);
    const place = own.findIndex((value, each) => value !== others[each]);
    const isWrong = place >= 0 && (own[place] ?? 0) > (others[place] ?? 0);
    return isWrong ? [`${JSON.stringify(above)} is above ${JSON.stringify(row)}`] : [];
  });
}

/** What is unknown comes last. */
function numberOf(text: string): number {
  const digits = text.replace(/[^\d.]/g, '');
  return digits === '' ? -1 : Number(digits);
}

function secondsOf(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)\s*(ms|min|s|h|d)\b/g)];
  if (parts.length === 0) return -1;
  return parts.reduce((sum, [, figure, unit]) => sum + Number(figure) * (SECONDS[unit ?? ''] ?? NaN), 0);
}
