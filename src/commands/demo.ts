import { Transform, Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { DemoOptions } from '../config/command-line.ts';
import type { Configuration } from '../config/configuration.ts';
import { systemClock } from '../platform/clock.ts';
import { createPartGroup, type Part } from '../platform/part.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { createSidecar, type Sidecar } from '../sidecar/sidecar.ts';
import { createBurrowSimulator } from '../simulator/burrow-simulator.ts';
import { createTailView } from '../tail/tail-view.ts';
import { processDeps, runAsProcess } from './part-process.ts';
import type { ConfigurationSource } from './run.ts';
import { isColourful, isInteractive, isUnicode } from './terminal.ts';
import { openApi, watchOnTerminal } from './top.ts';

const TRAFFIC_INTERVAL_MS = 60_000;

export interface DemoDeps extends Pick<ConfigurationSource, 'setLogLevel'> {
  readonly signals: ProcessSignals;
}

/**
 * Runs the sidecar on a simulated Burrow, with time sped up, and shows the table of `top` or the records; resolves with
 * the exit code.
 */
export async function demo(
  configuration: Configuration,
  log: Logger,
  version: string,
  options: DemoOptions,
  { signals, setLogLevel }: DemoDeps,
): Promise<number> {
  const { speed, forMs } = options;
  const { level } = configuration.log;
  const hasTable = !options.showsRecords && isInteractive();
  const isReadByPerson = process.stderr.isTTY;
  // The steps of a start would come before the line that a person needs.
  const calmLevel = isReadByPerson && level === 'info' ? 'warn' : level;
  setLogLevel(calmLevel);
  const simulator = createBurrowSimulator(systemClock, options);
  await simulator.start(new AbortController().signal);
  const simulated: Configuration = {
    ...configuration,
    burrow: { ...configuration.burrow, servers: [{ name: 'simulated', url: simulator.url }] },
  };
  const sidecar = await createSidecar(
    applySpeed(simulated, speed),
    { ...processDeps(log), stdout: hasTable ? nowhere() : recordsOnStdout(configuration) },
    { version, trafficIntervalMs: TRAFFIC_INTERVAL_MS / speed },
  );
  const greeting: Part = {
    name: 'greeting',
    start() {
      const dashboard = dashboardUrl(simulated, sidecar);
      if (isReadByPerson) process.stderr.write(`Dashboard: ${dashboard}/  Ctrl-C ends the demo.\n`);
      if (!hasTable) setLogLevel(level);
      log.info(
        { dashboard, speed, burrow: simulator.url },
        'A simulated Burrow runs; made-up groups, nothing is real',
      );
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
  };
  const table = hasTable
    ? createTable((signal) => {
        const url = dashboardUrl(simulated, sidecar);
        const api = openApi(simulated, { url, isOwn: true, tls: null });
        const hint = `Demo: made-up groups, ${speed} times as fast. Dashboard: ${url}/`;
        // Lines of the log would be drawn into the table. The last words of a crash come after it has gone.
        if (isReadByPerson) setLogLevel('fatal');
        return watchOnTerminal(api, { url, hint, isUtc: false }, signal).finally(() =>
          setLogLevel(calmLevel),
        );
      })
    : null;
  const all = createPartGroup('demo', [simulator, sidecar, greeting, ...(table ? [table] : [])]);
  return runAsProcess(
    all,
    { log, closed: Promise.race([sidecar.closed, ...(table ? [table.closed] : [])]), signals },
    { ...configuration.stop, ...(forMs !== null && { forMs }) },
  );
}

/** Shows something until it is stopped; `closed` resolves when that has ended by itself. */
function createTable(show: (signal: AbortSignal) => Promise<void>): Part & Pick<Sidecar, 'closed'> {
  const closing = new AbortController();
  let shown: Promise<void> = Promise.resolve();
  let onClosed: (error: Error | null) => void = () => undefined;
  return {
    name: 'table',
    closed: new Promise((resolve) => (onClosed = resolve)),
    start() {
      shown = show(closing.signal).then(() => onClosed(null));
      return Promise.resolve();
    },
    stop() {
      closing.abort();
      return shown;
    },
  };
}

/** On a terminal as `tail` shows them, unless another format than the usual one is to be seen. */
function recordsOnStdout({ sink: { format } }: Configuration): Writable {
  const { stdout } = process;
  if (!stdout.isTTY || format !== 'wavefront') return stdout;
  const view = createTailView(
    { isWanted: null, columns: () => stdout.columns },
    {
      output: 'table',
      isTerminal: true,
      isColourful: isColourful(),
      isUnicode: isUnicode(),
      zone: undefined,
    },
  );
  const rows = new Transform({
    decodeStrings: false,
    // Each write is whole lines.
    transform(chunk: Buffer | string, _encoding, done) {
      done(null, view.show([{ key: null, value: chunk.toString() }]));
    },
  });
  rows.pipe(stdout);
  return rows;
}

/** Takes everything and keeps nothing. */
function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

const EVERY_ADDRESS = ['::', '0.0.0.0', '127.0.0.1', '::1'];

/** Where a browser on this machine finds it, without a slash at its end. */
function dashboardUrl({ http }: Configuration, sidecar: Sidecar): string {
  const { host, port } = sidecar.address() ?? http;
  const name = EVERY_ADDRESS.includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http${http.tls === null ? '' : 's'}://${name}:${port}`;
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
