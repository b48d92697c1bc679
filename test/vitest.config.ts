import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowFilesFirst } from './support/slow-files-first.ts';

const MINUTE_MS = 60_000;
/** What starts servers, browsers or whole processes again and again. */
const WHOLE_PROCESSES = [
  'test/integration/**/*.test.ts',
  'test/image/**/*.test.ts',
  'test/dashboard/browser/**/*.test.ts',
  'test/bench/**/*.test.ts',
  'test/examples/helm.test.ts',
  'test/package/**/*.test.ts',
  'test/platform/supervisor.test.ts',
];
/** Of tests on real servers, where nobody watches: one that fails twice has found something; the report names both. */
const RETRIES = process.env['CI'] === 'true' ? 1 : 0;

/**
 * All files run side by side, one more than there are cores: those of the integration and the fault suite start real
 * servers and mostly wait for them. With `--mode full` the fault suite takes as long as it promises and runs one file at
 * a time; without, its short form.
 *
 * Deadlines are for what hangs, so they leave room for a machine that is busy with other things.
 */
export default defineConfig(({ mode }) => ({
  test: {
    root: new URL('..', import.meta.url).pathname,
    coverage: { include: ['src/**'], provider: 'v8' },
    reporters: ['default', 'test/faults/support/fault-table.ts'],
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: SlowFilesFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...WHOLE_PROCESSES, 'test/faults/**'],
          testTimeout: 2 * MINUTE_MS,
          hookTimeout: 2 * MINUTE_MS,
        },
      },
      {
        test: {
          name: 'integration',
          include: WHOLE_PROCESSES,
          globalSetup: 'test/build/build-sidecar.ts',
          retry: RETRIES,
          testTimeout: 3 * MINUTE_MS,
          // The first one fetches servers, and builds an image from nothing.
          hookTimeout: 10 * MINUTE_MS,
        },
      },
      {
        test: {
          name: 'kafka-without-patches',
          include: [
            'test/kafka/**/*.test.ts',
            'test/sinks/kafka/**/*.test.ts',
            'test/ledger/kafka/**/*.test.ts',
            // The others say nothing more of kafkajs's own way to send and to read.
            mode === 'full'
              ? 'test/integration/kafka-*.test.ts'
              : 'test/integration/kafka-{sink,ledger,refused-samples}.test.ts',
          ],
          // To read without a consumer group needs one of them.
          exclude: ['test/kafka/patches/**', 'test/kafka/read-partition.test.ts'],
          setupFiles: 'test/kafka/without-patches.ts',
          retry: RETRIES,
          testTimeout: 3 * MINUTE_MS,
          hookTimeout: 10 * MINUTE_MS,
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
          globalSetup: 'test/build/build-sidecar.ts',
          fileParallelism: mode !== 'full',
          retry: RETRIES,
          testTimeout: (mode === 'full' ? 60 : 3) * MINUTE_MS,
          hookTimeout: 10 * MINUTE_MS,
        },
      },
    ],
  },
}));
