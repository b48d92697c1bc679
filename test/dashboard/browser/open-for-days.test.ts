import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GroupList, GroupListRow } from '../../../src/http/api/contract/groups.ts';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { answerEvents, event, resetEvent } from '../support/answer-events.ts';
import { answerWith } from '../support/answer-with.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import { launchChromium, openPage } from '../support/watched-page.ts';

const HOUR_MS = 3_600_000;
const ROWS = 'table.groups tbody tr[data-severity]';

describe.skipIf(!debianIsPossible())('given a page that stays open for days', () => {
  const cleanups = createCleanups();
  let browser: Browser;
  let demo: Demo;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    demo = await startDemo(3, cleanups.add);
  });
  afterAll(() => cleanups.run());

  /** Changes the rows of each snapshot. */
  async function changeRows(page: Page, change: (rows: GroupListRow[]) => unknown[] | Promise<unknown[]>) {
    await page.route('**/api/groups?*', async (route) => {
      const list = (await (await route.fetch()).json()) as GroupList;
      const rows = await change(list.rows.toSorted((a, b) => (a[1] < b[1] ? -1 : 1)));
      await route.fulfill({ json: { ...list, rows, total: rows.length } });
    });
  }

  test('when the computer has slept, then the page does not call itself live on a stream of before', async () => {
    const { page } = await openPage(browser, demo.url);
    await page.clock.install();
    await page.goto(demo.url);
    await page.locator(ROWS).first().waitFor();
    await page.locator('.connection-live').waitFor();
    const again = page.waitForRequest(
      (request) => request.url().endsWith('/api/events') && request.headers()['last-event-id'] !== undefined,
    );
    // As in a sleep: the time of day goes on, and timers do not.
    await page.clock.setSystemTime(Date.now() + 8 * HOUR_MS);
    await again;
    await page.locator('.connection-live').waitFor();
    await page.context().close();
  });

  test('when a snapshot is loaded anew, then no change that comes meanwhile is lost', async () => {
    const { page } = await openPage(browser, demo.url);
    const [first] = ((await (await fetch(`${demo.url}/api/groups`)).json()) as GroupList).rows;
    const changed = first!.slice(0, -2);
    changed[3] = 777_777;
    changed[10] = Date.now() + HOUR_MS;
    let snapshots = 0;
    await changeRows(page, async (rows) => {
      snapshots += 1;
      // Longer than the figures of the page rest.
      if (snapshots === 2) await sleep(4000);
      return rows;
    });
    await answerEvents(
      page,
      [resetEvent(1)],
      [
        event(2, 'groups', { nowMs: 1, rows: [first!.slice(0, -2)], gone: [] }),
        resetEvent(3),
        event(4, 'groups', { nowMs: 1, rows: [changed], gone: [] }),
      ],
    );
    await page.goto(demo.url);
    await page.locator(ROWS).first().waitFor();
    await expect.poll(() => snapshots, { timeout: 60_000 }).toBe(2);
    await page.locator(`${ROWS} .col-lag`, { hasText: '777,777' }).waitFor();
    await sleep(5000);
    expect(await page.locator(`${ROWS} .col-lag`, { hasText: '777,777' }).count()).toBe(1);
    await page.context().close();
  });

  test('when a snapshot has other groups before it, then the keyboard stays on the group where it was', async () => {
    const { page } = await openPage(browser, demo.url);
    let snapshots = 0;
    await changeRows(page, (rows) => {
      snapshots += 1;
      const [first = []] = rows;
      const names = snapshots === 1 ? ['b', 'c'] : ['a', 'a2', 'b', 'c'];
      return names.map((name) => [first[0], name, ...first.slice(2)]);
    });
    await answerEvents(page, [resetEvent(1)], [], [], [resetEvent(2)]);
    await page.goto(`${demo.url}/#/?sort=group`);
    await page.locator(ROWS).first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.locator('table.groups a:focus', { hasText: /^c$/ }).waitFor();
    await expect.poll(() => page.locator(ROWS).count(), { timeout: 60_000 }).toBe(4);
    expect(await page.locator('table.groups a:focus').innerText()).toBe('c');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toMatch(/\/c$/);
    await page.context().close();
  });

  test('when no snapshot can be had, then the page says so until it has one', async () => {
    const { page } = await openPage(browser, demo.url);
    let isBroken = true;
    await page.route('**/api/groups?*', (route) =>
      isBroken ? route.fulfill({ status: 502, json: { message: 'no way there' } }) : route.continue(),
    );
    await page.goto(demo.url);
    const banner = page.getByRole('alert').filter({ hasText: 'The groups cannot be loaded. no way there' });
    await banner.waitFor();
    isBroken = false;
    await page.locator(ROWS).first().waitFor();
    expect(await banner.count()).toBe(0);
    await page.context().close();
  });

  test('when the samples of a group are late, then no window, however narrow, says how long it has its status', async () => {
    const { page } = await openPage(browser, demo.url);
    await changeRows(page, ([row = [], ...others]) => {
      const late = [row[0], 'late', ...row.slice(2)];
      late[10] = Date.now() - 12.5 * 60_000;
      late[11] = Date.now() - 40 * 60_000;
      return [late, ...others];
    });
    await answerEvents(page, [resetEvent(1)]);
    await page.goto(demo.url);
    const row = page.locator(ROWS, { has: page.getByText('late', { exact: true }) });
    for (const width of [390, 800, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => row.innerText()).toMatch(/late\s+12.min/);
      expect(await row.innerText()).not.toMatch(/40.min/);
    }
    await page.context().close();
  });

  test('when the sidecar has started anew, then it does not say that a group is gone of which it has no sample yet', async () => {
    const { page } = await openPage(browser, demo.url);
    await page.goto(`${demo.url}/#/groups/orders/checkout-worker`);
    await page.locator('.timeline-strip').waitFor();
    let startedAtMs = Date.now() + HOUR_MS;
    await answerWith<object>(page, 'overview', (body) => ({ ...body, startedAtMs }));
    await page.route('**/api/groups/orders/*', (route) =>
      route.fulfill({ status: 404, json: { message: 'no such group' } }),
    );
    // The overview is asked for at least every 15 s.
    const anew = page.getByText('The sidecar has started anew and has no sample of this group yet.');
    await anew.waitFor({ timeout: 60_000 });
    startedAtMs = 0;
    await page.getByRole('heading', { name: 'This group is gone' }).waitFor({ timeout: 60_000 });
    await page.context().close();
  });

  test('when Burrow has not been asked yet, then the page does not say that it answers', async () => {
    const { page } = await openPage(browser, demo.url);
    await answerWith<{ health: { parts: object[] } }>(page, 'overview', (body) => ({
      ...body,
      clusters: [],
      health: {
        ...body.health,
        parts: body.health.parts.map((part) => ({ ...part, lastGoodAnswerAgeSeconds: null })),
      },
    }));
    await changeRows(page, () => []);
    await answerEvents(page, [resetEvent(1)]);
    await page.goto(demo.url);
    await page.getByText('Burrow has not answered yet.').waitFor();
    await page.context().close();
  });

  test('when lags are not known, then the card of their cluster does not call them 0', async () => {
    const { page } = await openPage(browser, demo.url);
    await answerWith<{ clusters: object[] }>(page, 'overview', (body) => ({
      ...body,
      clusters: ['some', 'none', 'waiting'].map((name) => ({
        ...body.clusters[0],
        name,
        groups: 3,
        sampledGroups: name === 'waiting' ? 0 : 3,
        topics: 1,
      })),
    }));
    await changeRows(page, ([row = []]) =>
      ['some', 'none'].flatMap((cluster) =>
        [1200, 0, 5].map((lag, index) => {
          const changed = [cluster, `group-${index}`, ...row.slice(2)];
          changed[3] = cluster === 'none' || lag === 5 ? null : lag;
          return changed;
        }),
      ),
    );
    await answerEvents(page, [resetEvent(1)]);
    await page.goto(demo.url);
    await page.locator(ROWS).first().waitFor();
    const cards = await page.locator('.cluster-figures').allInnerTexts();
    expect(cards.map((card) => card.replace(/\s+/g, ' ').trim())).toEqual([
      '≥ 1,200 lag 1 of 2 lagging 1 unknown 1 topic',
      '? lag 0 of 0 lagging 3 unknown 1 topic',
      '? lag 0 of 0 lagging 3 unknown 1 topic',
    ]);
    await page.context().close();
  });
});
