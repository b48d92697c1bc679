import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCleanups } from '../integration/support/cleanups.ts';
import { startDemo } from './support/demo.ts';
import { launchChromium, openPage } from './support/watched-page.ts';

/** Draws the picture of the README anew: the overview of the demo (of the last build), once its sparks are full. */
const PICTURE = fileURLToPath(new URL('../../docs/images/dashboard.png', import.meta.url));
const GROUPS = 12;
/** The hour of the sparks passes within three minutes. */
const SPEED = 20;
const HOUR_MS = 3_600_000 / SPEED;

const cleanups = createCleanups();
try {
  const demo = await startDemo(GROUPS, cleanups.add, { speed: SPEED });
  console.info(`The demo runs at ${demo.url}; the picture is taken in ${HOUR_MS / 60_000} minutes.`);
  await sleep(HOUR_MS);
  const browser = await launchChromium();
  cleanups.add(() => browser.close());
  const viewport = { width: 1200, height: 632 };
  const { page } = await openPage(browser, demo.url, { viewport, colorScheme: 'light' });
  await page.goto(demo.url);
  await page.locator('table.groups tbody tr[data-severity="ERR"]').first().waitFor({ timeout: HOUR_MS });
  await page.locator('.connection-live').waitFor();
  await mkdir(dirname(PICTURE), { recursive: true });
  await page.screenshot({ path: PICTURE });
  console.info(`It is at ${PICTURE}.`);
} finally {
  await cleanups.run();
}
