import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration, parseSize } from '../../../src/config/setting/units.ts';
import { nearest } from '../../../src/config/nearest.ts';
import { redactUrl } from '../../../src/config/redact.ts';
import { describeConfiguration } from '../describe-configuration.ts';

describe('given durations', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['0s', 0],
    ['30', null],
    ['-1s', null],
    ['1.5s', null],
    ['1m30s', null],
    [' 1s', null],
    ['1 s', null],
    ['1S', null],
    ['s', null],
    ['', null],
    ['1s\n', null],
    ['9999999999999s', null],
  ])('when "%s" is read, then it is %s ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test('when one is written and read, then it is the same', () => {
    fc.assert(
      fc.property(fc.nat(), (durationMs) => parseDuration(formatDuration(durationMs)) === durationMs),
    );
  });
});

describe('given sizes', () => {
  test.each([
    ['64MB', 67_108_864],
    ['1GB', 1_073_741_824],
    ['512KB', 524_288],
    ['7B', 7],
    ['64', null],
    ['64M', null],
    ['64mb', null],
    ['64MiB', null],
    ['1.5GB', null],
    ['999999999999GB', null],
  ])('when "%s" is read, then it is %s bytes', (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });
});

describe('given a slip of the finger', () => {
  test('when a name is near, then it is found; when none is, then none is made up', () => {
    expect(nearest('intervall', ['prefix', 'interval'])).toBe('interval');
    expect(nearest('BROKERS', ['brokers'])).toBe('brokers');
    expect(nearest('zzz', ['topic', 'to'])).toBeNull();
    expect(nearest('x'.repeat(5000), ['topic'])).toBeNull();
    expect(nearest('', [])).toBeNull();
  });
});

describe('given URLs with credentials', () => {
  test.each([
    ['http://b:1', 'http://b:1'],
    ['http://u:p@b:1', 'http://[hidden]@b:1'],
    ['http://u:p@ss//x@b:1', 'http://[hidden]@b:1'],
    ['u:p@b', '[hidden]@b'],
    ['u:p@b//c', '[hidden]@b//c'],
  ])('when "%s" is shown, then it is "%s"', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});

describe('given the reference of all keys', () => {
  const rows = describeConfiguration();

  test('when it is listed, then every key has a type and a description on one line', () => {
    expect(
      rows.filter(({ type, description }) => type === '' || description === '' || description.includes('\n')),
    ).toEqual([]);
    expect(rows.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'burrow.servers',
        'burrow.servers[].tls.keyFile',
        'kafka.sasl.region',
        'log.pretty',
      ]),
    );
  });

  test('when keys are named in camel case or stand in a list, then the variables are as promised', () => {
    const variables = new Map(rows.map(({ path, environment }) => [path, environment]));
    expect(variables.get('discovery.deadAfter')).toBe('RAINBOW_DISCOVERY_DEAD_AFTER');
    expect(variables.get('kafka.tls.caFile')).toBe('RAINBOW_KAFKA_TLS_CA_FILE');
    expect(variables.get('burrow.servers[].tls.caFile')).toBe('');
    expect(new Set(rows.map(({ path }) => path)).size).toBe(rows.length);
  });
});
