/**
 * Runs Burrow and the sidecar as one, as the first process of the container:
 *
 *     node supervisor.js <Burrow and its arguments> -- <the sidecar and its arguments>
 *
 * - If either ends unasked, the other is stopped and the exit code is not 0, so that the container is replaced.
 * - SIGTERM, SIGINT or SIGQUIT stops the sidecar first, while Burrow still answers, then Burrow; the exit code is the
 *   sidecar's. A second signal ends both at once.
 * - SIGHUP goes to the sidecar, which reloads its configuration (or, without a file, stops, and then so does Burrow).
 * - Standard output belongs to the sidecar's records; what Burrow prints goes to standard error.
 */
import { catchSignals } from './platform/process-signals.ts';

// Before anything else is loaded: until then the first process of a container is deaf.
const signals = catchSignals(
  process,
  () => performance.now(),
  () => process.exit(0), // nothing has begun
);

const { superviseCommandLine } = await import('./platform/supervise.ts');
process.exitCode = await superviseCommandLine(process.argv.slice(2), process.env, signals);
