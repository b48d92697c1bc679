import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { pollUntil } from '../stack/poll-until.ts';
import { promtool, promtoolCheckMetrics, startPrometheus, type Prometheus } from '../stack/prometheus.ts';
import { debianIsPossible } from '../stack/requirements.ts';
import { createCleanups } from './support/cleanups.ts';
import { fillIn, readDashboards } from './support/dashboards.ts';
import { startCommand, type LogLine } from './support/sidecar-process.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/prometheus', import.meta.url));
const RULE_FILES = ['recording.rules.yml', 'alerts.rules.yml'];

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
}
interface AlertTest {
  readonly alertname: string;
  readonly exp_alerts?: readonly unknown[];
}

async function readExample<T>(name: string): Promise<T> {
  return parse(await readFile(join(EXAMPLES, name), 'utf8')) as T;
}

async function readRules(): Promise<readonly Rule[]> {
  const files = await Promise.all(
    RULE_FILES.map((name) => readExample<{ groups: { rules: Rule[] }[] }>(name)),
  );
  return files.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
}

describe.skipIf(!debianIsPossible())('given the example rules for Prometheus', () => {
  test('when promtool checks the configuration with its rules, then it is valid', async () => {
    expect(await promtool('check', 'config', join(EXAMPLES, 'prometheus.yml'))).toContain('is valid');
  });

  test('when promtool tries the alerts, then each does what its test says', async () => {
    expect(await promtool('test', 'rules', join(EXAMPLES, 'alerts.test.yml'))).toContain('SUCCESS');
  });

  test('when the alerts are counted, then each is tried where it fires and where it does not', async () => {
    const { tests } = await readExample<{ tests: { alert_rule_test: AlertTest[] }[] }>('alerts.test.yml');
    const tried = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const alerts = (await readRules()).flatMap(({ alert }) => alert ?? []);
    expect(alerts.length).toBeGreaterThan(5);
    for (const name of alerts) {
      const own = tried.filter(({ alertname }) => alertname === name);
      const fires = own.map(({ exp_alerts = [] }) => exp_alerts.length > 0);
      expect([name, fires.includes(true), fires.includes(false)]).toEqual([name, true, true]);
    }
  });
});

describe.skipIf(!debianIsPossible())('given a real Prometheus that scrapes a running sidecar', () => {
  const cleanups = createCleanups();
  let prometheus: Prometheus;
  let port: number;
  const answers: string[] = [];

  beforeAll(async () => {
    const demo = startCommand(
      [
        ...['demo', '--groups', '16', '--speed', '30'],
        ...['--set', 'metrics.partitions=true', '--set', 'metrics.partitionOwners=true'],
      ],
      { RAINBOW_HTTP_HOST: '127.0.0.1', RAINBOW_HTTP_PORT: '0', RAINBOW_LOG_PRETTY: 'false' },
      cleanups.add,
    );
    port = await pollUntil(
      () => {
        const lines = demo.stderr().split('\n').slice(0, -1);
        const log = lines.map((line) => JSON.parse(line) as LogLine);
        return log.find(({ msg }) => msg === 'The HTTP server listens')?.['port'] as number | undefined;
      },
      { what: 'the demo to listen', withinMs: 60_000 },
    );
    const directory = await mkdtemp(join(tmpdir(), 'rainbow-scrape-'));
    cleanups.add(() => rm(directory, { recursive: true }));
    const configuration = (await readFile(join(EXAMPLES, 'prometheus.yml'), 'utf8'))
      .replaceAll(/: 15s$/gm, ': 1s')
      .replace('burrow-rainbow:7099', await listenIn(port))
      .replaceAll(/^ {2}- (\S+\.rules\.yml)$/gm, (_line, name: string) => `  - ${join(EXAMPLES, name)}`);
    const file = join(directory, 'prometheus.yml');
    await writeFile(file, configuration);
    prometheus = await startPrometheus(file);
    cleanups.add(() => prometheus.stop());
  });
  afterAll(() => cleanups.run());

  /** A way to the sidecar that notes what it answers to Prometheus; resolves with its host and port. */
  async function listenIn(port: number): Promise<string> {
    const server = createServer((asked, response) => {
      const { method, url, headers } = asked;
      const forwarded = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
        answers.push(`${answer.headers['content-type'] ?? ''} ${answer.headers['content-encoding'] ?? ''}`);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      forwarded.once('error', () => response.destroy());
      forwarded.end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    cleanups.add(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('when it scrapes, then it gets OpenMetrics, compressed, and takes all of it', async () => {
    await untilDataOf(
      new Map([
        ['counters', 'burrow_rainbow_samples_total > 0'],
        ['groups', 'burrow_rainbow_group_partitions > 0'],
        ['partitions with owners', 'burrow_rainbow_partition_lag_records{owner!="",client_id!=""}'],
        ['the newest scrape', 'up == 1 and scrape_samples_scraped > 100'],
      ]),
    );
    expect(new Set(answers)).toEqual(
      new Set(['application/openmetrics-text; version=1.0.0; charset=utf-8 gzip']),
    );
    const metadata = (await prometheus.ask('metadata', { metric: 'burrow_rainbow_samples' })) as object;
    expect(metadata).toMatchObject({ burrow_rainbow_samples: [{ type: 'counter' }] });
  });

  test('when promtool checks all metrics, then it has nothing to say', async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain('burrow_rainbow_partition_lag_records{');
    expect(await promtoolCheckMetrics(text)).toBe('');
  });

  /** Resolves when every query has given data once; fails with those that have not. */
  async function untilDataOf(queries: ReadonlyMap<string, string>): Promise<void> {
    const waiting = new Map(queries);
    expect(waiting.size).toBeGreaterThan(0);
    await pollUntil(
      async () => {
        for (const [name, query] of waiting) {
          const found = await prometheus.query(query);
          if (found.some(({ value }) => !Number.isNaN(value))) waiting.delete(name);
        }
        if (waiting.size > 0) throw new Error([...waiting].map((each) => each.join(': ')).join('\n'));
        return true;
      },
      { what: 'data of every query', withinMs: 110_000, everyMs: 1000 },
    );
  }

  test('when its rules are evaluated, then all are healthy, and each that records gives data', async () => {
    const rules = await readRules();
    await untilDataOf(
      new Map(rules.flatMap(({ record }) => (record === undefined ? [] : [[record, record]]))),
    );
    const { groups } = (await prometheus.ask('rules')) as {
      groups: { rules: { name: string; health: string; lastError?: string }[] }[];
    };
    const judged = groups.flatMap((group) => group.rules);
    expect(judged.map(({ name, health }) => `${name} ${health}`).sort()).toEqual(
      rules.map(({ alert, record = '' }) => `${alert ?? record} ok`).sort(),
    );
  });

  test('when the alerts look at it, then they know every metric that they ask for', async () => {
    const names = new Set((await prometheus.ask('label/__name__/values')) as string[]);
    for (const { expr } of await readRules()) {
      // That of the groups, too, where it begins with another word.
      for (const [metric] of expr.matchAll(/\b(?:cluster(?:_group)?:)?burrow_rainbow_[a-z_]+(?::\w+)?/g)) {
        expect([...names]).toContain(metric);
      }
    }
  });

  describe.each(['overview.json', 'group.json', 'sidecar.json'])('and the dashboard %s', (file) => {
    /** A group that lags in bursts and catches up. */
    const one = { cluster: 'payments', group: 'settlement-batch' };
    const every = { cluster: '.*', instance: '.*' };
    const interval = { __rate_interval: '10s' };

    test('when the variables are asked for, then each has values, and those used here are among them', async () => {
      const { templating } = (await readDashboards()).get(file)!;
      for (const { name, type, definition = '' } of templating.list) {
        if (type === 'datasource') continue;
        const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
        expect(label).toBe(name);
        const values = await pollUntil(
          async () => {
            const found = (await prometheus.ask(`label/${label}/values`, {
              'match[]': fillIn(selector, one),
            })) as string[];
            return found.length > 0 ? found : undefined;
          },
          { what: `values of ${name}`, withinMs: 60_000 },
        );
        if (name in one) expect(values).toContain(one[name as keyof typeof one]);
      }
    });

    test('when the queries of its panels run, then each gives data', async () => {
      const { panels, templating } = (await readDashboards()).get(file)!;
      const takesAll = templating.list.some(({ includeAll }) => includeAll === true);
      const values = { ...(takesAll ? every : one), ...interval };
      const queries = panels.flatMap(({ title, targets = [] }) =>
        targets.map(({ refId, expr }): [string, string] => [
          `${title} ${refId}`,
          // The demo's time runs thirty times as fast: a mean over five of its minutes is one over ten seconds.
          fillIn(expr, values).replaceAll('[5m]', '[10s]'),
        ]),
      );
      await untilDataOf(new Map(queries));
    });
  });
});
