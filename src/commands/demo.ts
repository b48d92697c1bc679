import type { Logger } from 'pino';
import type { DemoOptions } from '../config/command-line.ts';
import type { Configuration } from '../config/configuration.ts';
import { systemClock } from '../platform/clock.ts';
import { createPartGroup } from '../platform/part.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { createSidecar } from '../sidecar/sidecar.ts';
import { createBurrowSimulator } from '../simulator/burrow-simulator.ts';
import { createDemoView } from './demo-view.ts';
import { processDeps, runAsProcess } from './part-process.ts';
import { isColourful } from './terminal.ts';

const TRAFFIC_INTERVAL_MS = 60_000;

/** Runs the sidecar on a simulated Burrow, with time sped up; resolves with the exit code. */
export async function demo(
  configuration: Configuration,
  log: Logger,
  version: string,
  options: DemoOptions,
  signals: ProcessSignals,
): Promise<number> {
  const { speed, forMs } = options;
  const simulator = createBurrowSimulator(systemClock, options);
  await simulator.start(new AbortController().signal);
  log.info({ speed, burrow: simulator.url }, 'A simulated Burrow runs; made-up groups, nothing is real');
  const simulated: Configuration = {
    ...configuration,
    burrow: { ...configuration.burrow, servers: [{ name: 'simulated', url: simulator.url }] },
  };
  const stdout = isColourful() ? createDemoView(() => process.stdout.columns) : process.stdout;
  if (stdout !== process.stdout) stdout.pipe(process.stdout);
  const sidecar = await createSidecar(
    applySpeed(simulated, speed),
    { ...processDeps(log), stdout },
    { version, trafficIntervalMs: TRAFFIC_INTERVAL_MS / speed },
  );
  const both = createPartGroup('demo', [simulator, sidecar]);
  const forSoLong = forMs === null ? {} : { forMs };
  return runAsProcess(
    both,
    { log, closed: sidecar.closed, signals },
    { ...configuration.stop, ...forSoLong },
  );
}

/** No sped-up interval is shorter, whole milliseconds. */
const SHORTEST_MS = 100;

/** The same configuration in a world that runs `speed` times as fast; `speed` is more than 0. */
export function applySpeed(configuration: Configuration, speed: number): Configuration {
  const divide = (intervalMs: number): number => Math.max(SHORTEST_MS, Math.round(intervalMs / speed));
  const { discovery, poll, health } = configuration;
  return {
    ...configuration,
    discovery: { ...discovery, intervalMs: divide(discovery.intervalMs) },
    poll: { ...poll, intervalMs: divide(poll.intervalMs), pushSafetyMs: divide(poll.pushSafetyMs) },
    health: {
      burrowSilentMs: divide(health.burrowSilentMs),
      sinkSilentMs: divide(health.sinkSilentMs),
    },
  };
}
