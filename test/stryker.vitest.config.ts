import { defineConfig } from 'vitest/config';

/**
 * The tests that are to notice the mutants of `stryker.config.cjs`: those of the folders that it names and of what they
 * are built on. A test that starts a process of its own cannot notice any.
 */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/{series,ledger,outbox,records,sinks,store}/**/*.test.ts'],
    exclude: ['test/store/killed-process.test.ts'],
    // Mutants are slow, and so is a machine that tries them beside other work.
    testTimeout: 600_000,
  },
});
