import type { Page } from 'playwright-core';

/** Lets the page see these streams of events in place of the sidecar's: one at each connection, then empty ones. */
export async function answerEvents(page: Page, ...streams: readonly (readonly string[])[]): Promise<void> {
  let connections = 0;
  await page.route('**/api/events', async (route) => {
    const events = streams[connections] ?? [];
    connections += 1;
    await route.fulfill({ contentType: 'text/event-stream', body: [':', ...events, ''].join('\n\n') });
  });
}

/** One event as it is on the wire. */
export function event(id: number, kind: string, data: object): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}`;
}

/** The event after which a page loads everything anew. */
export function resetEvent(id: number): string {
  return event(id, 'reset', { reason: 'expired', nowMs: 1 });
}
