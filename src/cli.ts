#!/usr/bin/env node
import { catchSignals } from './platform/process-signals.ts';

/** How long to wait for a reader of standard output to take what is left. */
const STDOUT_DEADLINE_MS = 500;

// Before anything else is loaded, which takes a good part of a second: until then a signal would end the process as
// a failure, or be lost where this is the first process of a container.
const signals = catchSignals(
  process,
  () => performance.now(),
  () => {
    // Nothing has begun. A check that was not made is no good one.
    process.exit(process.argv[2] === 'check' ? 1 : 0);
  },
);

const { main } = await import('./commands/main.ts');
const exitCode = await main(process.argv.slice(2), process.env, signals);
// What still holds the process open (a socket that will not close) must not outlive the work.
const exit = (): void => process.exit(exitCode);
process.stdout.write('', exit);
// What nobody reads is not waited for.
setTimeout(exit, STDOUT_DEADLINE_MS);
