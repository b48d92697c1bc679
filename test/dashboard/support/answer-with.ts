import type { Page } from 'playwright-core';

/** Lets the page see a changed answer of the sidecar. @param path the path after `/api/`, with `*` for anything */
export async function answerWith<Body>(
  page: Page,
  path: string,
  change: (body: Body) => Body,
): Promise<void> {
  await page.route(`**/api/${path}`, async (route) => {
    try {
      const response = await route.fetch();
      await route.fulfill({ json: change((await response.json()) as Body) });
    } catch (error) {
      // The test is over, and its page closes while it waits for an answer.
      if (!/disposed|closed/.test(String(error))) throw error;
    }
  });
}
