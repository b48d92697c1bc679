import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { BUNDLED } from '../../supply-chain/lock-file.ts';
import { answerWith } from '../support/answer-with.ts';
import { openLine } from '../support/cuttable-line.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import {
  accessibilityFaults,
  keepPicture,
  keepPictures,
  launchChromium,
  openPage,
} from '../support/watched-page.ts';

type Answer = Record<string, unknown>;

const TOKEN = 'not-really-a-secret-in-forty-characters';

/** Names that would break a page that trusts them: each with what the reader must see of it. */
const HOSTILE: readonly (readonly [name: string, seen: RegExp])[] = [
  ['<img src=x onerror=alert(1)>', /^<img src=x onerror=alert\(1\)>$/],
  ['a\u202eb\u2066c\u0007d', /^a⟨202E⟩b⟨2066⟩c⟨0007⟩d$/],
  [`begin-${'x'.repeat(10_000)}-end`, /^begin-x+…x+-end$/],
  [`zalgo${'\u0301'.repeat(300)}`, /^zalgo/],
  ['half \ud800 a pair', /^half ⟨D800⟩ a pair$/],
  ['', /^\(blank\)$/],
];

describe.skipIf(!debianIsPossible())('given the dashboard in a real Chromium when things go wrong', () => {
  const cleanups = createCleanups();
  let browser: Browser;
  let demo: Demo;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    demo = await startDemo(3, cleanups.add);
  });
  afterAll(() => cleanups.run());

  test('when the filter hides groups, then the overview says how many and which, with any names', async () => {
    const { page, troubles } = await openPage(browser, demo.url);
    const names = HOSTILE.map(([name]) => name).slice(0, 5);
    await answerWith<Answer>(page, 'overview', (body) => ({
      ...body,
      clusters: (body['clusters'] as object[]).map((cluster, index) => ({
        ...cluster,
        hiddenGroups: index === 0 ? { total: 7, names } : { total: 0, names: [] },
      })),
    }));
    await page.goto(demo.url);
    const line = page.locator('details.hidden-groups');
    await line.filter({ hasText: '7 groups are left out by discovery.groups' }).waitFor();
    await line.locator('summary').click();
    expect(await line.locator('li').count()).toBe(1);
    const shown = await line.locator('li .name').allInnerTexts();
    for (const [index, [, seen]] of HOSTILE.slice(0, 5).entries()) expect(shown[index + 1]).toMatch(seen);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(troubles).toEqual([]);
    await keepPicture(page, 'hidden-groups');
    await page.context().close();
  });

  test('when the connection is cut, then the page says since when it is out of date, and continues after the last event', async () => {
    const line = await openLine(demo.port);
    cleanups.add(() => line.close());
    const { page } = await openPage(browser, line.url);
    const asked: (string | undefined)[] = [];
    const snapshots: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/api/events')) asked.push(request.headers()['last-event-id']);
      if (request.url().includes('/api/groups?')) snapshots.push(request.url());
    });
    await page.goto(line.url);
    await page.locator('table.groups tbody tr[data-severity]').first().waitFor();
    await page.locator('.connection-live').waitFor();
    line.cut();
    const banner = page.locator('.banner-err');
    await banner.filter({ hasText: /What you see is from \d\d:\d\d:\d\d/ }).waitFor();
    expect(await page.locator('table.groups tbody tr[data-severity]').count()).toBe(3);
    await keepPictures(page, 'connection-lost');
    expect(await accessibilityFaults(page)).toEqual([]);
    line.join();
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.locator('.connection-live').waitFor();
    await banner.waitFor({ state: 'detached' });
    expect(asked[0]).toBeUndefined();
    expect(asked.at(-1)).toMatch(/^\d+$/);
    // It went on: what it had was not fetched again.
    expect(snapshots).toHaveLength(1);
    await page.context().close();
  });

  test('when the API wants a token, then the page asks for it, and only this tab keeps it', async () => {
    const guarded = await startDemo(3, cleanups.add, { token: TOKEN });
    const { page, troubles } = await openPage(browser, guarded.url);
    await page.goto(guarded.url);
    const field = page.getByLabel('Token');
    await field.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await field.fill('wrong');
    await page.keyboard.press('Enter');
    await page.locator('#token-reason', { hasText: 'does not take this token' }).waitFor();
    await field.fill(TOKEN);
    await keepPictures(page, 'token');
    await page.keyboard.press('Enter');
    await page.locator('table.groups tbody tr[data-severity]').first().waitFor();
    expect(page.url()).not.toContain(TOKEN);
    expect(await page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain(TOKEN);
    await page.reload();
    await page.locator('table.groups tbody tr[data-severity]').first().waitFor();
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('when names are hostile, then they are only text, invisible characters are shown by their code, and the table keeps its shape', async () => {
    const { page, troubles } = await openPage(browser, demo.url);
    await answerWith<Answer>(page, 'groups?*', (body) => {
      const [row] = body['rows'] as unknown[][];
      return {
        ...body,
        rows: HOSTILE.map(([name]) => [row?.[0], name, ...(row ?? []).slice(2)]),
        total: HOSTILE.length,
      };
    });
    // As the real groups would come in by themselves.
    await page.route('**/api/events', (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: 'id: 1\nevent: reset\ndata: {"reason":"fresh","nowMs":1}\n\n',
      }),
    );
    await page.goto(demo.url);
    const names = page.locator('table.groups tbody th .name');
    await names.first().waitFor();
    const seen = await names.allTextContents();
    expect(seen).toHaveLength(HOSTILE.length);
    for (const [, pattern] of HOSTILE) expect(seen).toContainEqual(expect.stringMatching(pattern));
    await keepPicture(page, 'hostile-names');
    const heights = await page
      .locator('table.groups tbody tr[data-severity]')
      .evaluateAll((rows) => rows.map((row) => (row as unknown as { offsetHeight: number }).offsetHeight));
    expect(new Set(heights).size).toBe(1);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('when a group has several topics, then its page shows the lag of each', async () => {
    const { page, troubles } = await openPage(browser, demo.url);
    const topics = [
      { topic: 'orders', partitions: 12, lagRecords: 34_567 },
      { topic: HOSTILE[1]![0], partitions: 1, lagRecords: 0 },
      { topic: 'unknown', partitions: 2, lagRecords: null },
    ];
    await answerWith<Answer>(page, 'groups/*/*', (body) => ({ ...body, topics }));
    await page.goto(`${demo.url}/#/groups/orders/checkout-worker`);
    const table = page.getByRole('table', { name: 'Lag by topic' });
    await table.waitFor();
    const rows = await table.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s+/))).toEqual([
      ['orders', '12', '34,567'],
      [expect.stringMatching(HOSTILE[1]![1]), '1', '0'],
      ['unknown', '2', '?'],
    ]);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('when there is no group, then the page says what to check', async () => {
    const { page } = await openPage(browser, demo.url);
    await answerWith<Answer>(page, 'groups?*', (body) => ({ ...body, rows: [], total: 0 }));
    await answerWith<Answer>(page, 'overview', (body) => ({ ...body, clusters: [] }));
    await page.route('**/api/events', (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: 'id: 1\nevent: reset\ndata: {"reason":"fresh","nowMs":1}\n\n',
      }),
    );
    await page.goto(demo.url);
    await page.getByRole('heading', { name: 'No groups yet' }).waitFor();
    await keepPicture(page, 'no-groups');
    await page.context().close();
  });

  test('when a part of the sidecar is not healthy, then every page says which, and what to do', async () => {
    const { page } = await openPage(browser, demo.url, { colorScheme: 'dark' });
    const reason = 'Burrow does not answer: connection refused. See whether it runs.';
    await answerWith<Answer>(page, 'overview', (body) => ({
      ...body,
      health: {
        ...(body['health'] as object),
        status: 'unavailable',
        parts: [
          { name: 'burrow main', status: 'unavailable', sinceMs: Number(body['nowMs']) - 200_000, reason },
        ],
      },
    }));
    await page.goto(`${demo.url}/#/internals`);
    await page.getByText(reason).waitFor();
    await page.goto(`${demo.url}/#/`);
    await page.getByText(reason).waitFor();
    await page.getByText(/Burrow main has been unavailable\s+for 3.min/).waitFor();
    await page.locator('table.groups tbody tr[data-severity]').first().waitFor();
    await keepPicture(page, 'burrow-away');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.context().close();
  });

  test('when the notifier reports a group, then its page says what and when', async () => {
    const { page } = await openPage(browser, demo.url);
    const answer = await fetch(`${demo.url}/notifier`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        source: 'burrow',
        event: 'open',
        id: 'incident-7',
        cluster: 'orders',
        group: 'checkout-worker',
        status: 'ERR',
      }),
    });
    expect(answer.status).toBe(202);
    await page.goto(`${demo.url}/#/groups/orders/checkout-worker`);
    const notice = page.locator('.notice-open');
    await notice.waitFor();
    expect(await notice.textContent()).toMatch(/opened an incident with status ERR .*incident-7/);
    await page.context().close();
  });

  test('when its licences are asked for, then each package that is in its script is among them', async () => {
    const text = await (await fetch(`${demo.url}/licences.txt`)).text();
    const named = [...text.matchAll(/^## (\S+) - \S+ \(MIT\)$/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual([...BUNDLED].sort());
  });

  test('when a group does not exist, then its page says so', async () => {
    const { page, troubles } = await openPage(browser, demo.url);
    await page.goto(`${demo.url}/#/groups/orders/${encodeURIComponent('not/here')}`);
    await page.getByRole('heading', { name: 'No such group' }).waitFor();
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});
