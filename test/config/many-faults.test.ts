import { describe, expect, test } from 'vitest';
import { formatFaults } from '../../src/config/fault.ts';
import { BROKERS, faultsOf } from './loading.ts';

describe('given many mistakes', () => {
  const yaml = [
    'burow: {}',
    'poll: {interval: 30}',
    'sink: {type: fil}',
    'kafka: {tls: {enabled: true, caFile: nope.pem}, sasl: {mechanism: plain, username: me}}',
    'health: {burrowSilent: 5s}',
  ].join('\n');

  test('when they are of all sorts, then all are reported at once, and none that only follows from another', () => {
    const faults = faultsOf({ yaml, env: { RAINBOW_HTP_PORT: '1' }, set: ['log.level=loud'] });
    // Without a sink type or an interval, whether brokers are missing or a silence is too short cannot be said.
    expect(faults.map(({ path }) => path).sort()).toEqual([
      'RAINBOW_HTP_PORT',
      'burow',
      'kafka.sasl.password',
      'kafka.tls.caFile',
      'log.level',
      'poll.interval',
      'sink.type',
    ]);
  });

  test('when they are shown, then each has its place, its value and what to do', () => {
    expect(formatFaults(faultsOf({ yaml: 'poll: {interval: 30}\nkafak: 1', env: BROKERS }))).toBe(
      [
        'Cannot start: 2 things to change in configuration or flags.',
        '',
        '  poll.interval must be a duration from 100ms to 24d, such as 30s',
        '    got 30 (rainbow.yaml:1:8)',
        '    → add the unit: 30s or 30ms',
        '',
        '  kafak is not a known key',
        '    at rainbow.yaml:2:1',
        '    → did you mean kafka?',
        '',
      ].join('\n'),
    );
  });

  test('when a key holds control characters, then they cannot forge a line', () => {
    const shown = formatFaults(faultsOf({ yaml: '"a\\nb\\e[31m": 1', env: BROKERS }));
    expect(shown).toContain('a\\u000ab\\u001b[31m is not a known key');
  });
});

describe('given a section that is no map', () => {
  test('when a variable sets a key in it, then only the section is at fault', () => {
    const faults = faultsOf({ yaml: 'kafka: x', env: BROKERS });
    expect(faults.map(({ path }) => path)).toEqual(['kafka']);
  });
});
