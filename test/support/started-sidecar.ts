import { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import { onTestFinished } from 'vitest';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { createSidecar } from '../../src/sidecar/sidecar.ts';
import { loadGood } from '../config/loading.ts';

/** A sidecar in this process that ends with the test. Its records go nowhere; HTTP listens on a free port. */
export async function startSidecarOn(
  burrowUrl: string,
  settings: readonly string[],
  { log = pino({ level: 'silent' }) }: { readonly log?: Logger } = {},
): Promise<{ readonly url: string; readonly port: number }> {
  const sidecar = await createSidecar(
    loadGood({
      set: [
        `burrow.servers=${burrowUrl}`,
        'sink.type=stdout',
        'http.host=127.0.0.1',
        'http.port=0',
        ...settings,
      ],
    }),
    {
      clock: systemClock,
      scheduler: systemScheduler,
      monotonicMs: () => performance.now(),
      random: Math.random,
      log,
      stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
    },
    { version: '1.2.3', trafficIntervalMs: 60_000 },
  );
  await sidecar.start(new AbortController().signal);
  onTestFinished(() => sidecar.stop(AbortSignal.timeout(5000)));
  const { port } = sidecar.address() ?? { port: 0 };
  return { url: `http://127.0.0.1:${port}`, port };
}
