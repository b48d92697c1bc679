import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import type { LoadedConfiguration, LoadResult } from '../config/load-configuration.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { createSidecar, type SidecarOptions } from '../sidecar/sidecar.ts';
import type { LogLevel } from '../telemetry/logger.ts';
import { processDeps, runAsProcess } from './part-process.ts';
import { createReload } from './reload.ts';

const TRAFFIC_INTERVAL_MS = 60_000;

/** Where the configuration came from, and how to read it again. */
export interface ConfigurationSource {
  readonly loaded: LoadedConfiguration;
  readonly load: () => LoadResult;
  readonly setLogLevel: (level: LogLevel) => void;
}

/** Runs the sidecar until it is asked to stop; resolves with the exit code. SIGHUP reloads what came from a file. */
export async function run(
  configuration: Configuration,
  log: Logger,
  { version, isBurrowSupervised }: Pick<SidecarOptions, 'version' | 'isBurrowSupervised'>,
  signals: ProcessSignals,
  { loaded, load, setLogLevel }: ConfigurationSource,
): Promise<number> {
  log.info({ version, node: process.version }, 'burrow-rainbow starts');
  const sidecar = await createSidecar(configuration, processDeps(log), {
    version,
    trafficIntervalMs: TRAFFIC_INTERVAL_MS,
    ...(isBurrowSupervised !== undefined && { isBurrowSupervised }),
  });
  const reload = createReload(
    {
      load,
      apply(next) {
        sidecar.reconfigure(next);
        setLogLevel(next.log.level);
      },
      log,
    },
    loaded,
  );
  // What was read at the start may be older than the signal, but while parts start they cannot change.
  let isStarted = false;
  let isHeld = false;
  const reloadOnceStarted = (): void => {
    if (isStarted) reload();
    else isHeld = true;
  };
  return runAsProcess(
    {
      ...sidecar,
      async start(signal) {
        await sidecar.start(signal);
        isStarted = true;
        if (isHeld) reload();
      },
    },
    { log, closed: sidecar.closed, signals, ...(loaded.file !== null && { reload: reloadOnceStarted }) },
    configuration.stop,
  );
}
