/**
 * `npm run test:mutation`: changes the code that bounds, keeps and delivers the series bit by bit, and looks whether a
 * unit test notices. All of it takes hours; `-- --mutate 'src/outbox/**'` tries a part. What was tried before, and has
 * not changed since with its tests, is not tried again (`-- --force` does).
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
module.exports = {
  mutate: ['src/{series,ledger,outbox,sinks}/**/*.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/stryker.vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // Code that runs once, when its module is loaded, would take every test for every mutant.
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 30_000,
  dryRunTimeoutMinutes: 20,
  // All that it leaves behind.
  tempDirName: '.stryker/tmp',
  incremental: true,
  incrementalFile: '.stryker/incremental.json',
  reporters: ['clear-text', 'progress-append-only', 'html'],
  htmlReporter: { fileName: '.stryker/report.html' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  ignorePatterns: ['/.stryker', '/dist', '/bench', '/examples'],
};
