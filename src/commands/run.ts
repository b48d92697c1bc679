import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { createSidecar } from '../sidecar.ts';
import { processDeps, runAsProcess } from './part-process.ts';

const TRAFFIC_INTERVAL_MS = 60_000;

/** Runs the sidecar until it is asked to stop; resolves with the exit code. */
export function run(
  configuration: Configuration,
  log: Logger,
  version: string,
  signals: ProcessSignals,
): Promise<number> {
  log.info({ version, node: process.version }, 'burrow-rainbow starts');
  const sidecar = createSidecar(configuration, processDeps(log), {
    version,
    trafficIntervalMs: TRAFFIC_INTERVAL_MS,
  });
  return runAsProcess(sidecar, { log, closed: sidecar.closed, signals }, configuration.stop);
}
