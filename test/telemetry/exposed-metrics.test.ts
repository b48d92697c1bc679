import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { createSidecar, type Sidecar } from '../../src/sidecar/sidecar.ts';
import { createBurrowSimulator } from '../../src/simulator/burrow-simulator.ts';
import { METRIC_ROWS } from '../../src/telemetry/metric-rows.ts';
import { loadGood } from '../config/loading.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { readExposition } from '../support/exposition.ts';

/** The library's own, under their customary names; told of in one row. */
const DEFAULT_METRICS = /^(process|nodejs)_/;

interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

function familiesOf(text: string): readonly Family[] {
  return [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(
    ([, name = '', help = '', type = '']) => ({ name, help, type }),
  );
}

function ownFamiliesOf(text: string): readonly Family[] {
  return familiesOf(text).filter(({ name }) => !DEFAULT_METRICS.test(name));
}

/** By family, the labels of its series; null where it has no series (yet). */
function labelsOf(text: string, { name, type }: Family): readonly string[] | null {
  const names = type === 'histogram' ? [`${name}_bucket`] : [name];
  const [series] = readExposition(text).filter((each) => names.includes(each.name));
  return series === undefined ? null : [...series.labels.keys()].filter((label) => label !== 'le');
}

describe('given the metrics of a running sidecar', () => {
  const simulator = createBurrowSimulator(systemClock, { speed: 30 });
  const signal = new AbortController().signal;
  let sidecar: Sidecar | undefined;
  let text = '';

  beforeAll(async () => {
    await simulator.start(signal);
    sidecar = await createSidecar(
      loadGood({
        set: [
          `burrow.servers=${simulator.url}`,
          'sink.type=stdout',
          'http.port=0',
          'http.host=127.0.0.1',
          'poll.interval=500ms',
          'discovery.interval=500ms',
          'metrics.partitions=true',
        ],
      }),
      {
        clock: systemClock,
        scheduler: systemScheduler,
        monotonicMs: () => performance.now(),
        random: Math.random,
        log: pino({ level: 'silent' }),
        stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
      },
      { version: '1.2.3', trafficIntervalMs: 60_000 },
    );
    await sidecar.start(signal);
    const port = sidecar.address()?.port ?? 0;
    text = await pollUntil(
      async () => {
        const response = await fetch(`http://127.0.0.1:${port}/metrics`);
        const scraped = await response.text();
        const isWhole = ownFamiliesOf(scraped).every((family) => labelsOf(scraped, family) !== null);
        return response.ok && isWhole ? scraped : undefined;
      },
      { what: 'every metric to have a series', withinMs: 30_000 },
    );
  }, 60_000);
  afterAll(async () => {
    await sidecar?.stop(AbortSignal.timeout(5000));
    await simulator.stop(AbortSignal.timeout(5000));
  });

  test('when they are read, then they are those of the rows, each with its type, labels and meaning', () => {
    const exposed = ownFamiliesOf(text).map((family) => ({ ...family, labels: labelsOf(text, family) }));
    expect(exposed).toEqual(
      METRIC_ROWS.map(({ name, type, labels, help }) => ({ name, type, labels: [...labels], help })),
    );
  });

  test("when a name is not Node's, then it is ours, and says its unit", () => {
    const own = ownFamiliesOf(text);
    expect(own.length).toBeGreaterThan(20);
    for (const { name, type } of own) {
      expect(name).toMatch(/^burrow_rainbow_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
    }
  });
});
