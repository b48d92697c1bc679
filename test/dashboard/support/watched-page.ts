import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findChromium } from '../../stack/chromium.ts';

const ARTIFACTS = fileURLToPath(new URL('../../artifacts/dashboard', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A page with what it must not do written down. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings on its console, exceptions, and requests to other hosts. */
  readonly troubles: readonly string[];
}

export type Theme = 'light' | 'dark';
export const THEMES: readonly Theme[] = ['light', 'dark'];
export const WIDTHS = [390, 800, 1400] as const;

/** Starts the real thing, without a window. */
export async function launchChromium(): Promise<Browser> {
  const { executable, env } = await findChromium();
  return chromium.launch({
    executablePath: executable,
    // Its own sandbox does not work for root, whom containers mostly run as.
    chromiumSandbox: false,
    env: { ...process.env, ...env },
  });
}

/**
 * Opens a page in a profile of its own.
 *
 * @param origin the only one that it may ask
 */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // The browser says so by itself of each request that fails: the page has its own word for that.
    if (message.text().startsWith('Failed to load resource')) return;
    troubles.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`exception: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') troubles.push(`request: ${request.url()}`);
  });
  return { page, troubles };
}

/** What an accessibility checker finds wrong, one line each. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  // By the debugger: the page's own policy lets no script in.
  await page.evaluate(`${AXE}; undefined`);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`,
    );
  });
}

/** Keeps what the page looks like: `test/artifacts/dashboard/{name}.png`. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
}

/** The same in each width and both themes: `{name}-{width}-{theme}.png`. */
export async function keepPictures(page: Page, name: string): Promise<void> {
  const viewport = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await keepPicture(page, `${name}-${width}-${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (viewport !== null) await page.setViewportSize(viewport);
}
