import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Traffic } from '../../../src/http/api/contract/traffic.ts';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { answerWith } from '../support/answer-with.ts';
import { clippedTexts } from '../support/clipped-texts.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import { accessibilityFaults, keepPicture, launchChromium, openPage } from '../support/watched-page.ts';

describe.skipIf(!debianIsPossible())('given the page of the traffic', () => {
  const cleanups = createCleanups();
  let browser: Browser;
  let demo: Demo;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    demo = await startDemo(3, cleanups.add);
  });
  afterAll(() => cleanups.run());

  async function visit(
    options: Parameters<typeof openPage>[2],
    change?: (traffic: Traffic) => Partial<Traffic>,
  ) {
    const opened = await openPage(browser, demo.url, options);
    if (change !== undefined) {
      await answerWith<Traffic>(opened.page, 'traffic', (traffic) => ({ ...traffic, ...change(traffic) }));
    }
    await opened.page.goto(`${demo.url}/#/traffic`);
    await opened.page.getByRole('heading', { name: 'Destination and outbox' }).waitFor();
    return opened;
  }

  /** The text beside a word of the destination's facts. */
  async function fact(page: Page, word: string): Promise<string> {
    const text = await page.locator('.facts dt', { hasText: word }).locator('+ dd').innerText();
    return text.replace(/\s+/g, ' ');
  }

  test('when all is healthy, then each part says so, and for how long', async () => {
    const { page, troubles } = await visit({});
    expect(await fact(page, 'Sink')).toMatch(/stdout ✓ healthy for \d+ (s|min)$/);
    expect(await fact(page, 'Outbox')).toMatch(/^✓ healthy for \d+ (s|min)$/);
    const server = page.getByRole('table', { name: 'Burrow servers' }).locator('tbody tr');
    expect((await server.innerText()).replace(/\s+/g, ' ')).toMatch(
      /^simulated ✓ healthy for \d+ (s|min) (now|\d+ s ago) (now|\d+ s ago)$/,
    );
    // What does not exist is not shown.
    expect(await page.locator('.facts dt', { hasText: 'Ledger' }).count()).toBe(0);
    const title = await page.locator('.facts time').first().getAttribute('title');
    expect(title).toMatch(/^since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d /);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('when exceptions have occurred within the hour, then there are as many in it as since the start', async () => {
    const answer = await fetch(`${demo.url}/notifier`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'no JSON',
    });
    expect(answer.status).toBe(400);
    const { page } = await visit({});
    const row = page.locator('tbody tr', { hasText: 'notifierInvalid' });
    await row.waitFor();
    const counts = async () => (await row.locator('td.number').allInnerTexts()).slice(1);
    await expect.poll(counts).toEqual(['1', '1']);
    await page.context().close();
  });

  describe.each([390, 800, 1400])('in a window of %i pixels', (width) => {
    test.each(['light', 'dark'] as const)(
      'when parts are faulty (%s), then it says which, since when and why, and nothing is cut off',
      async (colorScheme) => {
        const { page, troubles } = await visit(
          { colorScheme, viewport: { width, height: 1300 } },
          ({ nowMs, sink, outbox, burrows: [burrow] }) => ({
            sink: {
              ...sink,
              name: 'kafka',
              topic: 'speed-racer',
              brokers: ['kafka-1.example:9092', 'kafka-2.example:9092'],
              condition: {
                state: 'faulty',
                sinceMs: nowMs - 250_000,
                reason: 'No broker answers: connect ECONNREFUSED 10.0.0.7:9092. See whether Kafka runs.',
              },
            },
            ledger: { condition: { state: 'ok', sinceMs: nowMs - 7_300_000 } },
            outbox: {
              ...outbox,
              waitingSamples: 12_345,
              waitingRecords: 123_456_789,
              waitingBytes: 50_000_000,
              oldestWaitingMs: 250_000,
              lastAcknowledgedMs: nowMs - 250_000,
              droppedSamples: 12,
              lastDropMs: nowMs - 65_000,
            },
            burrows: [
              burrow!,
              {
                ...burrow!,
                name: 'burrow-of-the-other-region',
                status: 'unavailable',
                sinceMs: nowMs - 400_000,
                lastOkMs: nowMs - 400_000,
                lastError: { atMs: nowMs - 65_000, reason: 'connect ECONNREFUSED 10.0.0.8:8000' },
              },
              { ...burrow!, name: 'c', status: 'degraded', sinceMs: nowMs - 65_000 },
            ],
          }),
        );
        await page.locator('.chart canvas').first().waitFor();
        await keepPicture(page, `traffic-${width}-${colorScheme}`);
        expect(await fact(page, 'Sink')).toMatch(/^kafka ✕ faulty for 4 min No broker answers: /);
        expect(await fact(page, 'Ledger')).toBe('✓ healthy for 2 h');
        const servers = await page
          .getByRole('table', { name: 'Burrow servers' })
          .locator('tbody tr')
          .allInnerTexts();
        expect(servers[1]?.replace(/\s+/g, ' ')).toMatch(
          /^burrow-of-the-other-region ✕ unavailable for 6 min connect ECONNREFUSED 10.0.0.8:8000, 1 min ago 6 min ago/,
        );
        expect(servers[2]?.replace(/\s+/g, ' ')).toMatch(/^c ! degraded for 1 min /);
        expect(await clippedTexts(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(troubles).toEqual([]);
        await page.context().close();
      },
    );
  });
});
