/**
 * The first process of the container. It runs Burrow and the sidecar as one:
 *
 *     node supervisor.js <Burrow and its arguments> -- burrow-rainbow <the sidecar's arguments>
 *
 * - If either ends unasked, the other is stopped and the exit code is not 0, so that the container is replaced.
 * - SIGTERM, SIGINT or SIGQUIT stops the sidecar first, while Burrow still answers, then Burrow; the exit code is the
 *   sidecar's. A second signal ends both at once.
 * - SIGHUP goes to the sidecar, which reloads its configuration (or, without a file, stops, and then so does Burrow).
 * - Standard output belongs to the sidecar's records; what Burrow prints goes to standard error.
 *
 * In place of burrow-rainbow may stand `node cli.js`. Where the sidecar's arguments ask for something else than to run (`check`, `top`, `--help`), this process does that,
 * without Burrow.
 */
import { catchSignals } from './platform/process-signals.ts';

/** Flags may come before them. */
const ASK_FOR_SOMETHING_ELSE = /^(check|demo|tail|top|--help|-h|--version|-v)$/;

const argv = process.argv.slice(2);
const [, program, ...args] = argv.includes('--') ? argv.slice(argv.indexOf('--')) : [];
const isScript = program !== undefined && /[.][cm]?[jt]s$/.test(args[0] ?? '');
const sidecarArgs = isScript ? args.slice(1) : args;
const [first = 'run'] = sidecarArgs;
if (!/^(-|run$)/.test(first) || sidecarArgs.some((argument) => ASK_FOR_SOMETHING_ELSE.test(argument))) {
  process.argv.splice(2, Infinity, ...sidecarArgs);
  await import('./cli.ts');
} else {
  // Before anything else is loaded: until then the first process of a container is deaf.
  const signals = catchSignals(
    process,
    () => performance.now(),
    () => process.exit(0), // nothing has begun
  );
  const { superviseCommandLine } = await import('./platform/supervise.ts');
  process.exitCode = await superviseCommandLine(argv, process.env, signals);
}
