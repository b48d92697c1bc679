import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GroupDetail } from '../../../src/http/api/contract/group.ts';
import type { Overview } from '../../../src/http/api/contract/overview.ts';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { answerWith } from '../support/answer-with.ts';
import { clippedTexts } from '../support/clipped-texts.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import { accessibilityFaults, keepPicture, launchChromium, openPage } from '../support/watched-page.ts';

const GROUP = 'search-indexer';
const HASH = `#/groups/orders/${GROUP}`;
const MINUTE = 60_000;

describe.skipIf(!debianIsPossible())('given the page of a group that stalls now and then', () => {
  const cleanups = createCleanups();
  let browser: Browser;
  let demo: Demo;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    demo = await startDemo(8, cleanups.add);
  });
  afterAll(() => cleanups.run());

  async function visit(options: Parameters<typeof openPage>[2] = {}, hash = HASH) {
    const opened = await openPage(browser, demo.url, options);
    return { ...opened, go: () => opened.page.goto(`${demo.url}/${hash}`) };
  }

  /** Changes what the sidecar says of the group. */
  async function changeDetail(page: Page, change: (detail: GroupDetail) => Partial<GroupDetail>) {
    await answerWith<GroupDetail>(page, 'groups/orders/*', (detail) => ({ ...detail, ...change(detail) }));
  }

  test(
    'when its status changes, then the page says since when, draws the change, and never what it does not know',
    async () => {
      const { page, troubles, go } = await visit();
      await go();
      const head = page.locator('.group-head');
      const strip = page.locator('.timeline-strip');
      await strip.waitFor();
      const first = await page.locator('.timeline-segment').first().getAttribute('title');
      expect(first).toMatch(/^not known for /);
      // Each period of its story has a time in which Burrow says that it stalls.
      await strip.and(page.locator('[aria-label*="OK from"]')).waitFor({ timeout: 2 * MINUTE });
      await strip.and(page.locator('[aria-label*="ERR from"]')).waitFor({ timeout: 2 * MINUTE });
      const detail = (await (await fetch(`${demo.url}/api/groups/orders/${GROUP}`)).json()) as GroupDetail;
      expect(detail.statusChanges.length).toBeGreaterThan(1);
      const said = await head.locator('time').first().getAttribute('title');
      expect(said).toMatch(/^(since|already so at the first look,) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d /);
      expect(await head.innerText()).toMatch(/(OK|WARN|ERR)\s+for (≥.)?\d+.(s|min)/);
      expect(troubles).toEqual([]);
      await page.context().close();
    },
    5 * MINUTE,
  );

  test('when Burrow says that partitions are not OK, then each has its badge, and the reader can see those alone', async () => {
    const words = ['OK', 'STOP', 'OK', 'STALL', 'REWIND', 'OK'] as const;
    const { page, troubles, go } = await visit();
    await changeDetail(page, ({ partitions: [partition] }) => ({
      partitionCount: words.length,
      partitions: words.map((status, index) => ({ ...partition!, partition: index, status })),
    }));
    await go();
    const rows = page.locator('table.partitions tbody tr');
    const shown = async () =>
      (await rows.allInnerTexts()).map((row) =>
        row
          .match(/\b(\d)\s+([A-Z]+)\b/)
          ?.slice(1)
          .join(' '),
      );
    await rows.first().waitFor();
    expect(await shown()).toEqual(words.map((status, index) => `${index} ${status}`));
    await page.getByRole('button', { name: 'Status' }).click();
    expect(await shown()).toEqual(['1 STOP', '3 STALL', '4 REWIND', '0 OK', '2 OK', '5 OK']);
    await page.getByRole('button', { name: 'Not OK 3' }).click();
    expect(await shown()).toEqual(['1 STOP', '3 STALL', '4 REWIND']);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'All 6' }).click();
    expect(await rows.count()).toBe(6);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('when the history of before the start was not read back, then the page says so, and why', async () => {
    const { page, go } = await visit();
    const recall: Overview['history']['recall'] = {
      state: 'reading',
      sinceMs: null,
      share: 0.4,
      reason: null,
    };
    await answerWith<Overview>(page, 'overview', (overview) => ({
      ...overview,
      history: { ...overview.history, recall },
    }));
    await go();
    await page.getByText('The last hour is being read back from the topic: 40 %.').waitFor();
    Object.assign(recall, { state: 'failed', reason: 'reading topic t is not allowed' });
    await page.reload();
    await page
      .getByText(/^What was before .+ was not read back: reading topic t is not allowed\.$/)
      .waitFor();
    Object.assign(recall, { state: 'complete', share: 1 });
    await page.reload();
    await page.locator('.timeline-strip').waitFor();
    expect(await page.getByText('read back').count()).toBe(0);
    await page.context().close();
  });

  test('when the sidecar does not know parts of the hour, then they are blank or hatched, never 0 or OK', async () => {
    const { page, go } = await visit();
    await changeDetail(page, ({ nowMs, heat: { stepMs } }) => {
      const ago = (steps: number): number => nowMs - steps * stepMs;
      return {
        statusSinceMs: ago(10),
        isSinceExact: false,
        status: 'OK',
        statusChanges: [
          { atMs: ago(40), status: 'ERR' },
          { atMs: ago(30), status: null },
          { atMs: ago(10), status: 'OK' },
        ],
        totalLag: {
          twin: { span: 'open', cadence: 'fresh' },
          exactFromMs: ago(1),
          points: [40, 39, 38, 10, 9, 1].map((steps) => [ago(steps), 1000 + steps, 'value']),
        },
      };
    });
    await go();
    const titles = page.locator('.timeline-segment');
    await titles.first().waitFor();
    const segments = await titles.evaluateAll((all) =>
      all.map((segment) => (segment as unknown as { title: string }).title.split(' for ')[0]),
    );
    expect(segments).toEqual(['not known', 'ERR', 'not known', 'OK']);
    const widths = await titles.evaluateAll((all) =>
      all.map((segment) => (segment as unknown as { offsetWidth: number }).offsetWidth),
    );
    const whole = widths.reduce((sum, width) => sum + width, 0);
    for (const [index, part] of [20, 10, 20, 10].entries())
      expect(widths[index]! / whole).toBeCloseTo(part / 60, 1);
    expect(await page.locator('.group-head').innerText()).toMatch(/OK\s+for ≥.\d/);
    // No line is drawn where nothing is known: between the two stretches the chart is as blank as before the first.
    const isBlank = async (part: number): Promise<boolean> =>
      page.evaluate<boolean>(`(() => {
        const canvas = document.querySelector('.chart canvas');
        const { width, height } = canvas;
        // Beside the axis of the values and the edge of the chart.
        const x = Math.round(56 + (width - 56 - 28) * ${part});
        const context = canvas.getContext('2d');
        const probe = document.createElement('i');
        probe.style.color = 'var(--accent)';
        document.body.append(probe);
        const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
        probe.remove();
        const { data } = context.getImageData(x, 0, 1, height);
        for (let at = 0; at < data.length; at += 4)
          if (Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b) < 60) return false;
        return true;
      })()`);
    await page.locator('.chart canvas').waitFor();
    await pollUntil(async () => ((await isBlank(0.35)) ? undefined : true), {
      what: 'the line of the chart',
      withinMs: 10_000,
    });
    expect([await isBlank(0.15), await isBlank(0.6)]).toEqual([true, true]);
    // A point that no line goes through is seen all the same.
    expect(await isBlank(59 / 60)).toBe(false);
    await keepPicture(page, 'group-unknown-parts');
    await page.context().close();
  });

  test(
    'when its only owner consumes, then the group consumes as much',
    async () => {
      const { page, go } = await visit();
      await go();
      const figure = page.locator('.figure', { hasText: 'Consumed/s' }).locator('dd');
      const owners = page.getByRole('table', { name: 'Owners of the partitions' }).locator('tbody tr');
      const pairs = async (): Promise<readonly [string, string] | undefined> => {
        // At one moment: both are drawn from one answer.
        const [group = '', ...rows] = await page.evaluate<string[]>(`
        [document.querySelectorAll('.figure dd')[3].innerText,
          ...[...document.querySelectorAll('.panel:last-child tbody tr')].map((row) => row.lastElementChild.innerText)]
      `);
        return rows.length === 1 && rows[0] !== '?' ? [group, rows[0] ?? ''] : undefined;
      };
      await figure.waitFor();
      await owners.first().waitFor();
      for (let times = 0; times < 5; times++) {
        const [group, owner] = await pollUntil(pairs, { what: 'a rate of the owner', withinMs: MINUTE });
        expect(owner).toBe(group);
        // The next reading is mostly of another sample.
        await sleep(2000);
      }
      await page.context().close();
    },
    2 * MINUTE,
  );

  test.each([
    ['Europe/Berlin', /^\d\d:\d\d:\d\d CES?T$/],
    ['Asia/Tehran', /^\d\d:\d\d:\d\d \+03:30$/],
    ['UTC', /^\d\d:\d\d:\d\d UTC$/],
  ])(
    'when the reader is in %s, then times are theirs and say so, and UTC is beside them',
    async (timezoneId, seen) => {
      const { page, go } = await visit({ timezoneId });
      await changeDetail(page, ({ nowMs }) => ({
        notice: { event: 'open', id: 'incident-7', status: 'ERR', atMs: nowMs - 90_000 },
      }));
      await go();
      const times = page.locator('.notice time');
      await times.first().waitFor();
      expect(await times.nth(1).innerText()).toMatch(seen);
      const [title, machine] = await times.nth(1).evaluate((time) => {
        const { title: text, dateTime } = time as unknown as { title: string; dateTime: string };
        return [text, dateTime] as const;
      });
      const utc = machine.replace('T', ' ').replace(/\..*/, ' UTC');
      expect(title.endsWith(utc)).toBe(true);
      await page.context().close();
    },
  );

  test('when the pointer is on a zero that bounds a span, then the chart says which end it is, and when', async () => {
    const { page, go } = await visit({ timezoneId: 'Europe/Berlin' });
    await changeDetail(page, ({ nowMs, heat: { stepMs } }) => ({
      totalLag: {
        twin: { span: 'closed', cadence: 'fresh' },
        exactFromMs: nowMs - 45 * stepMs,
        points: [
          [nowMs - 45 * stepMs, 0, 'start'],
          [nowMs - 30 * stepMs, 700, 'value'],
          [nowMs - 15 * stepMs, 0, 'end'],
        ],
      },
    }));
    await go();
    const over = page.locator('.chart .u-over');
    await over.waitFor();
    const { width, height } = (await over.boundingBox())!;
    for (const [part, says] of [
      [1 / 4, '0 (begin)'],
      [1 / 2, '700'],
      [3 / 4, '0 (end)'],
    ] as const) {
      await over.hover({ position: { x: width * part, y: height / 2 } });
      const read = async () => page.locator('.chart .u-legend .u-value').allInnerTexts();
      await expect.poll(async () => (await read())[1]).toBe(says);
      expect((await read())[0]).toMatch(/^\d\d:\d\d:\d\d CES?T = \d\d:\d\d:\d\d UTC$/);
    }
    await page.context().close();
  });

  describe.each([390, 800, 1400])('in a window of %i pixels', (width) => {
    test.each(['light', 'dark'] as const)(
      'when it is opened (%s), then nothing is cut off',
      async (colorScheme) => {
        const { page, troubles, go } = await visit({ colorScheme, viewport: { width, height: 1300 } });
        await changeDetail(page, ({ nowMs, partitions }) => ({
          sampledAtMs: nowMs - 125_000,
          totalLagRecords: 123_456_789,
          lagSeconds: 3599,
          drainSeconds: null,
          isDraining: false,
          partitions: partitions.map((partition, index) => ({
            ...partition,
            status: (['REWIND', 'OK', 'UNKNOWN'] as const)[index % 3]!,
            lagRecords: 12_345_678,
            lagSeconds: 3599,
          })),
        }));
        await go();
        await page.locator('table.partitions tbody tr').first().waitFor();
        await page.locator('.chart canvas').first().waitFor();
        await keepPicture(page, `group-${width}-${colorScheme}`);
        expect(await clippedTexts(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
        expect(await accessibilityFaults(page)).toEqual([]);
        const headings = await page.locator('table.partitions thead th:visible').allInnerTexts();
        expect(headings.map((heading) => heading.replace(/[↑↓\s]+$/, ''))).toEqual(
          expect.arrayContaining(['Partition', 'Status', 'Lag', 'Time lag']),
        );
        expect(troubles).toEqual([]);
        await page.context().close();
      },
    );
  });
});
