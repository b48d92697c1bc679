import { describe, expect, test } from 'vitest';

import { clusterOf } from './fake-burrow.ts';
import { createHarness, DISCOVERY_MS, POLL_MS } from './maintainer-harness.ts';

const NAMED = Array.from({ length: 1000 }, (_, index) => `named-${index}`);
const UNTOUCHED = Array.from({ length: 100 }, (_, index) => `untouched-${index}`);

describe(
  'given a Burrow that answers 80 requests a second, and two webhooks of 1000 names a second for 100 s',
  { timeout: 60_000 },
  () => {
    test('when 100 groups are named by none, then each is polled within two intervals, and discovery goes on', async () => {
      const { time, burrow, maintainer, startSettled } = createHarness({ concurrency: 4 });
      burrow.world.set('local', clusterOf([...NAMED, ...UNTOUCHED]));
      await startSettled();
      burrow.takes = () => new Promise((resolve) => time.scheduler.after(50, resolve));
      burrow.requests.length = 0;

      const lastAtMs = new Map<string, number>();
      const gapsMs = new Map<string, number>();
      const note = (path: string): void => {
        const nowMs = time.monotonicMs();
        const before = lastAtMs.get(path);
        if (before !== undefined) gapsMs.set(path, Math.max(gapsMs.get(path) ?? 0, nowMs - before));
        lastAtMs.set(path, nowMs);
      };
      for (const path of ['local/consumer', ...UNTOUCHED.map((group) => `local/consumer/${group}`)]) {
        lastAtMs.set(path, time.monotonicMs());
      }
      let heard = 0;
      const counts = { woken: 0, merged: 0, deferred: 0 };
      for (let halfSeconds = 0; halfSeconds < 200; halfSeconds += 1) {
        for (const group of NAMED) for (const outcome of maintainer.wake(null, group)) counts[outcome] += 1;
        for (let tenth = 0; tenth < 5; tenth += 1) {
          await time.advance(100);
          for (; heard < burrow.requests.length; heard += 1) note(burrow.requests[heard]!);
        }
      }
      for (const path of lastAtMs.keys()) note(path);

      const worstMs = Math.max(...UNTOUCHED.map((group) => gapsMs.get(`local/consumer/${group}`)!));
      expect(worstMs).toBeLessThanOrEqual(2 * POLL_MS);
      expect(gapsMs.get('local/consumer')).toBeLessThanOrEqual(DISCOVERY_MS + 1000);
      // The named ones are polled as often as that leaves room for: no wake is lost.
      const worstNamedMs = Math.max(...NAMED.map((group) => gapsMs.get(`local/consumer/${group}`)!));
      expect(worstNamedMs).toBeLessThanOrEqual(2 * POLL_MS);
      expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
      expect(counts.woken + counts.merged + counts.deferred).toBe(200 * NAMED.length);
    });
  },
);
