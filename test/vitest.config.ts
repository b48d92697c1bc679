import { defineConfig } from 'vitest/config';

const MINUTE_MS = 60_000;

/**
 * Unit tests run in parallel; the integration and the fault suite own real servers and run one file at a time. With
 * `--mode full` the fault suite takes as long as it promises; without, its short form.
 */
export default defineConfig(({ mode }) => ({
  test: {
    root: new URL('..', import.meta.url).pathname,
    coverage: { include: ['src/**'], provider: 'v8' },
    reporters: ['default', 'test/faults/support/fault-table.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/image/**', 'test/faults/**', 'test/dashboard/browser/**'],
        },
      },
      {
        test: {
          name: 'integration',
          include: [
            'test/integration/**/*.test.ts',
            'test/image/**/*.test.ts',
            'test/dashboard/browser/**/*.test.ts',
          ],
          globalSetup: 'test/integration/support/build-sidecar.ts',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'faults',
          // They wait for their servers more than they work.
          maxConcurrency: 12,
          // The projects do not take it over by themselves.
          mode,
          include: ['test/faults/**/*.test.ts'],
          globalSetup: 'test/integration/support/build-sidecar.ts',
          fileParallelism: false,
          testTimeout: (mode === 'full' ? 60 : 3) * MINUTE_MS,
          hookTimeout: 5 * MINUTE_MS,
        },
      },
    ],
  },
}));
