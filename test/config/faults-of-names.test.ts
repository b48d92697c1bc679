import { describe, expect, test } from 'vitest';
import { BROKERS } from './loading.ts';
import { faultIn, type FaultCase } from './single-fault.ts';

const cases: readonly FaultCase[] = [
  [
    'an unknown section',
    { yaml: 'kafak: {}', env: BROKERS },
    'kafak is not a known key',
    'rainbow.yaml:1:1',
    'did you mean kafka?',
  ],
  [
    'an unknown key',
    { yaml: 'kafka:\n  topik: x', env: BROKERS },
    'kafka.topik is not a known key',
    'rainbow.yaml:2:3',
    'did you mean topic?',
  ],
  [
    'a key in the wrong section',
    { yaml: 'linesPerMessage: 5', env: BROKERS },
    'linesPerMessage is not a known key',
    'rainbow.yaml:1:1',
    'did you mean kafka.linesPerMessage?',
  ],
  [
    'a key like none',
    { yaml: 'log: {qqqqqqqq: 5}', env: BROKERS },
    'log.qqqqqqqq is not a known key',
    'rainbow.yaml:1:7',
    'known here: level, pretty',
  ],
  [
    'a key called __proto__',
    { yaml: 'log: {__proto__: {a: 1}}', env: BROKERS },
    'log.__proto__ is not a known key',
    'rainbow.yaml',
    'remove it',
  ],
  [
    'a section as text',
    { yaml: 'log: loud', env: BROKERS },
    'log must be a map of keys and values',
    'rainbow.yaml:1:1',
    null,
  ],
  [
    'an unknown variable',
    { env: { ...BROKERS, RAINBOW_POL_INTERVAL: '3s' } },
    'RAINBOW_POL_INTERVAL is not a known environment variable',
    'RAINBOW_POL_INTERVAL',
    'did you mean RAINBOW_POLL_INTERVAL?',
  ],
  [
    'a variable like none',
    { env: { ...BROKERS, RAINBOW_QQQQQQQQQQQQQQ: '' } },
    'RAINBOW_QQQQQQQQQQQQQQ is not a known environment variable',
    'RAINBOW_QQQQQQQQQQQQQQ',
    'remove it',
  ],
  [
    'an unknown --set',
    { env: BROKERS, set: ['poll.intervall=3s'] },
    'poll.intervall is not a known key',
    'command line',
    'did you mean poll.interval?',
  ],
  [
    '--set of a section',
    { env: BROKERS, set: ['kafka.tls=true'] },
    'kafka.tls is not a known key',
    'command line',
    'set its keys one by one, such as kafka.tls.enabled',
  ],
  [
    '--set inside a list',
    { env: BROKERS, set: ['burrow.servers.0.url=x'] },
    'burrow.servers.0.url is not a known key',
    'command line',
    'set burrow.servers as a whole',
  ],
  [
    '--set without =',
    { env: BROKERS, set: ['poll.interval'] },
    '--set must be path=value',
    'command line',
    'poll.interval=10s',
  ],
];

describe('given names that nobody knows', () => {
  test.each(cases)('when there is %s, then one fault says where and what to change', (...row) => {
    const { fault, expected } = faultIn(row);
    expect(fault).toEqual(expected);
  });
});
