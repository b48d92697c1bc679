import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadGood, pem, PEM } from './loading.ts';

function example(name: string): string {
  return readFileSync(new URL(`../../examples/rainbow.${name}.yaml`, import.meta.url), 'utf8');
}

describe('given the example configurations', () => {
  test('when the minimal one is loaded, then it is complete', () => {
    expect(loadGood({ yaml: example('minimal') }).kafka.brokers).toEqual(['localhost:9092']);
  });

  test('when the production one is loaded with its files, then it has what it shows', () => {
    const files = Object.fromEntries([
      ['/etc/rainbow/tls/ca.pem', PEM],
      ...['client', 'client-key', 'server', 'server-key'].map((name) => [
        `/etc/rainbow/tls/${name}.pem`,
        pem(name),
      ]),
      ...['burrow-us1-password', 'kafka-password', 'http-token', 'client-key-passphrase'].map((name) => [
        `/etc/rainbow/secrets/${name}`,
        `the-${name}\n`,
      ]),
    ]) as Record<string, string>;
    expect(loadGood({ yaml: example('production'), files })).toMatchObject({
      burrow: {
        servers: [
          { name: 'us1', username: 'rainbow', password: 'the-burrow-us1-password' },
          { name: 'us2', tls: { keyFile: '/etc/rainbow/tls/client-key.pem' } },
        ],
      },
      series: { source: 'burrow-us', tags: { dc: 'us1', rack: 'r2' }, seriesTags: ['client_id'] },
      kafka: {
        tls: { caFile: '/etc/rainbow/tls/ca.pem' },
        sasl: { mechanism: 'scram-sha-512', username: 'burrow-rainbow', password: 'the-kafka-password' },
      },
      http: { token: 'the-http-token', tls: { certFile: '/etc/rainbow/tls/server.pem' } },
    });
  });

  test('when the one that takes over from goRainbow is loaded, then names, tags and messages stay as they were', () => {
    const { series, kafka } = loadGood({ yaml: example('gorainbow') });
    expect(kafka.linesPerMessage).toBe(1);
    expect(series).toMatchObject({ naming: 'gorainbow', prefix: 'fjord.burrow', source: 'fjord-burrow' });
    expect(Object.keys(series.tags).sort()).toEqual([
      'data_center',
      'dca_zone',
      'department',
      'metric_format',
      'planet',
      'service_name',
    ]);
    // What goRainbow's own configuration has.
    expect(series.tags).toMatchObject({ department: 'fjord', service_name: 'goRainbow' });
  });
});
