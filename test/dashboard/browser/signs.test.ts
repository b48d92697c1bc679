import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.ts';
import type { BurrowHttp } from '../../../src/simulator/burrow-http.ts';
import { createBurrowSimulator } from '../../../src/simulator/burrow-simulator.ts';
import { createCleanups } from '../../integration/support/cleanups.ts';
import { startSidecar, type SidecarProcess } from '../../integration/support/sidecar-process.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { debianIsPossible } from '../../stack/requirements.ts';
import { accessibilityFaults, keepPictures, launchChromium, openPage } from '../support/watched-page.ts';

/** Of the icon, as window-sign.ts has them. */
const GREEN = '#2f8a57';
const RED = '#d02f25';

describe.skipIf(!debianIsPossible())('given the dashboard of a sidecar that loses its Burrow', () => {
  const cleanups = createCleanups();
  const { signal } = new AbortController();
  let browser: Browser;
  let burrow: BurrowHttp;
  let sidecar: SidecarProcess;

  beforeAll(async () => {
    browser = await launchChromium();
    cleanups.add(() => browser.close());
    burrow = createBurrowSimulator(systemClock, { groups: 3 });
    await burrow.start(signal);
    cleanups.add(() => burrow.stop(signal));
    sidecar = await startSidecar(
      { 'burrow.servers': burrow.url, 'sink.type': 'stdout', 'health.burrowSilent': '4s' },
      cleanups.add,
    );
  });
  afterAll(() => cleanups.run());

  async function icon(page: Page): Promise<string> {
    return decodeURIComponent((await page.locator('link[rel="icon"]').getAttribute('href')) ?? '');
  }

  async function waitForTitle(page: Page, title: RegExp): Promise<void> {
    await pollUntil(async () => (title.test(await page.title()) ? true : undefined), {
      what: `the title ${title.source}`,
      withinMs: 60_000,
    });
  }

  test('when Burrow does not answer and then the sidecar neither, then title, icon and banners say so, and for how long', async () => {
    const { page } = await openPage(browser, sidecar.url);
    await page.goto(sidecar.url);
    await page.locator('table.groups tbody tr[data-severity]').nth(2).waitFor();
    await waitForTitle(page, /^burrow-rainbow$/);
    expect(await icon(page)).toContain(GREEN);

    await burrow.stop(signal);
    await waitForTitle(page, /^burrow .+ unavailable · burrow-rainbow$/);
    expect(await icon(page)).toContain(RED);
    const banner = page.getByRole('region', { name: 'Health' });
    await banner.filter({ hasText: /unavailable\s+for\s+\d+.s/ }).waitFor();
    const seconds = async () => parseInt(await banner.locator('time').first().innerText(), 10);
    const before = await seconds();
    await pollUntil(async () => ((await seconds()) > before ? true : undefined), {
      what: 'the age to grow',
      withinMs: 30_000,
    });
    await keepPictures(page, 'burrow-down');
    expect(await accessibilityFaults(page)).toEqual([]);

    sidecar.send('SIGKILL');
    await waitForTitle(page, /^Connection lost · burrow-rainbow$/);
    expect(await icon(page)).toContain(RED);
    const connection = page.getByRole('region', { name: 'Connection' });
    await connection.filter({ hasText: /The sidecar has not answered for \d+.s/ }).waitFor();
    await page.goto('about:blank');
    await page.context().close();
  });
});
