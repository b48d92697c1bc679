import { describe, expect, test } from 'vitest';
import { changesBetween, liveKeys } from '../../src/config/setting-values.ts';
import { settings } from '../../src/config/settings-list.ts';
import { load, type Given } from './loading.ts';

function values(given: Given) {
  const result = load(given);
  if (result.kind === 'faults') throw new Error(JSON.stringify(result.faults));
  return result.values;
}

const BASE = `
kafka: {brokers: [a:1]}
burrow: {servers: [{url: 'http://b:1', username: u, passwordFile: p}]}
http: {tokenFile: t}
`;
const FILES = { '/etc/rainbow/p': 'hunter2', '/etc/rainbow/t': 'token1' };

const TLS = ['caFile', 'certFile', 'keyFile', 'keyPassphraseFile'];
const TLS_CLIENT = [...TLS, 'serverName', 'verifyHostname'];
const below = (path: string, keys: readonly string[]): string[] => keys.map((key) => `${path}.${key}`);

/** The sections of destinations that may be reached by TLS. */
const destinationsWithTls = settings
  .map(({ path }) => path.join('.'))
  .filter((path) => path.endsWith('.tls.enabled'))
  .map((path) => path.replace('.tls.enabled', ''));

describe('given the keys of the schema', () => {
  test('when their rows say which change without a restart, then it is these, and no others', () => {
    expect([...liveKeys].sort()).toEqual(
      [
        ...below('burrow.servers[0]', ['username', 'password', 'passwordFile']),
        ...below('burrow.servers[0].tls', TLS_CLIENT),
        'discovery.interval',
        ...['clusters', 'groups', 'topics'].flatMap((of) => below(`discovery.${of}`, ['allow', 'deny'])),
        ...below('poll', ['interval', 'pushSafety']),
        'series.tags',
        ...destinationsWithTls.flatMap((name) => below(`${name}.tls`, TLS_CLIENT)),
        ...below('kafka.sasl', ['username', 'password', 'passwordFile', 'scope']),
        ...below('kafka.sasl', ['tokenEndpoint', 'tokenEndpointCaFile']),
        ...below('kafka.sasl', ['clientId', 'clientSecret', 'clientSecretFile']),
        ...below('http', ['token', 'tokenFile']),
        ...below('http.tls', TLS),
        ...below('health', ['burrowSilent', 'sinkSilent']),
        'metrics.protected',
        'log.level',
      ].sort(),
    );
  });
});

describe('given two configurations', () => {
  test('when nothing differs but how it is written, then nothing has changed', () => {
    const before = values({ yaml: `${BASE}poll: {interval: 60s}`, files: FILES });
    const after = values({ yaml: BASE, set: ['poll.interval=1m'], files: FILES });
    expect(changesBetween(before, after)).toEqual([]);
  });

  test('when files hold something else, then the keys that name them have changed, and nothing is shown', () => {
    const before = values({ yaml: BASE, files: FILES });
    const after = values({
      yaml: BASE,
      files: { '/etc/rainbow/p': 'hunter3', '/etc/rainbow/t': 'token2' },
    });
    const changes = changesBetween(before, after);
    expect(changes).toMatchObject([
      { path: 'burrow.servers[0].passwordFile', from: null, to: null },
      { path: 'http.tokenFile', needsRestart: false, from: null, to: null },
    ]);
    expect(JSON.stringify([...after])).not.toMatch(/hunter3|token2/);
  });

  test('when values differ, then each key is named with both, where they may be shown', () => {
    const before = values({ yaml: BASE, files: FILES });
    const after = values({
      yaml: `
kafka: {brokers: [a:1, b:2], sasl: {mechanism: plain, username: u, password: hunter2}}
burrow: {servers: [{url: 'http://b:1', username: u, passwordFile: p}, 'http://x:y@c:1']}
http: {tokenFile: t}
log: {level: debug}
discovery: {groups: {deny: '^x'}, topics: {deny: ''}, interval: 90s}
series: {tags: {dc: us1}}
`,
      files: FILES,
    });
    const changes = changesBetween(before, after).map(({ path, from, to }) => [path, from, to]);
    expect(Object.fromEntries(changes.map(([path, ...rest]) => [path, rest]))).toEqual({
      'burrow.servers': [null, null],
      'burrow.servers[1].url': [null, null],
      'discovery.interval': ['1m', '90s'],
      'discovery.groups.deny': ['^(console-consumer-|heartbeat-|KMOffsetCache-|KafkaManager|burrow-)', '^x'],
      'discovery.topics.deny': ['^__', "''"],
      'series.tags': ['{}', '{"dc":"us1"}'],
      'kafka.brokers': ['["a:1"]', '["a:1","b:2"]'],
      'kafka.sasl.mechanism': [null, 'plain'],
      'kafka.sasl.username': [null, null],
      'kafka.sasl.password': [null, null],
      'log.level': ['info', 'debug'],
    });
    expect(JSON.stringify(changes)).not.toContain('hunter2');
  });
});
