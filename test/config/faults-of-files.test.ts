import { describe, expect, test } from 'vitest';
import { BROKERS } from './loading.ts';
import { faultIn, type FaultCase } from './single-fault.ts';

const cases: readonly FaultCase[] = [
  [
    'a file that is missing',
    { yaml: 'kafka: {tls: {enabled: true, caFile: ca.pem}}', env: BROKERS },
    'kafka.tls.caFile names a file that does not exist: /etc/rainbow/ca.pem',
    'rainbow.yaml:1:30',
    null,
  ],
  [
    'a file that is no PEM',
    {
      yaml: 'kafka: {tls: {enabled: true, caFile: ca.pem}}',
      env: BROKERS,
      files: { '/etc/rainbow/ca.pem': 'x' },
    },
    'kafka.tls.caFile must name a PEM file',
    'rainbow.yaml',
    '-----BEGIN',
  ],
  [
    'a secret that may not be read',
    { env: { ...BROKERS, RAINBOW_HTTP_TOKEN_FILE: '/t' }, unreadable: { '/t': 'EACCES' } },
    'http.tokenFile names a file that this user may not read: /t',
    'RAINBOW_HTTP_TOKEN_FILE',
    null,
  ],
  [
    'a secret that is a folder',
    { env: { ...BROKERS, RAINBOW_HTTP_TOKEN_FILE: '/t' }, unreadable: { '/t': 'EISDIR' } },
    'http.tokenFile names a file that is a folder: /t',
    'RAINBOW_HTTP_TOKEN_FILE',
    null,
  ],
  [
    'a secret on a broken disk',
    { env: { ...BROKERS, RAINBOW_HTTP_TOKEN_FILE: '/t' }, unreadable: { '/t': 'EIO' } },
    'http.tokenFile names a file that cannot be read (EIO): /t',
    'RAINBOW_HTTP_TOKEN_FILE',
    null,
  ],
  [
    'a secret that is empty',
    { env: { ...BROKERS, RAINBOW_HTTP_TOKEN_FILE: '/t' }, files: { '/t': '\n' } },
    'http.tokenFile names a file that is empty',
    'RAINBOW_HTTP_TOKEN_FILE',
    'write the token into it',
  ],
  [
    'a secret given twice',
    { yaml: 'http: {token: a, tokenFile: /t}', env: BROKERS, files: { '/t': 'b' } },
    'http.tokenFile must not be set together with token',
    'rainbow.yaml',
    'remove token and keep tokenFile',
  ],
  [
    'a token that no header carries',
    { env: { ...BROKERS, RAINBOW_HTTP_TOKEN: 'a b' } },
    'http.token must hold one token',
    'RAINBOW_HTTP_TOKEN',
    'openssl rand',
  ],
  [
    'a list that is not closed',
    { yaml: 'kafka:\n  brokers: [a:1', env: BROKERS },
    'Not valid YAML: the indentation does not fit, or a bracket was not closed',
    'rainbow.yaml:2',
    null,
  ],
  [
    'a key twice',
    { yaml: 'poll:\n  push: also\n  push: off', env: BROKERS },
    'Not valid YAML: this key stands twice',
    'rainbow.yaml:3:3',
    null,
  ],
  [
    'a tab',
    { yaml: 'poll:\n\tpush: also', env: BROKERS },
    'Not valid YAML: tabs may not be used',
    'rainbow.yaml:2:1',
    null,
  ],
  [
    'two documents',
    { yaml: 'poll: {}\n---\npoll: {}', env: BROKERS },
    'Not valid YAML: only one document',
    'rainbow.yaml:2:1',
    null,
  ],
  [
    'an unknown tag',
    { yaml: 'poll: !!js/function x', env: BROKERS },
    'Not valid YAML: tags (!…) are not known',
    'rainbow.yaml:1:7',
    null,
  ],
  [
    'a backslash in double quotes',
    { yaml: 'discovery: {topics: {deny: "\\."}}', env: BROKERS },
    "use single quotes ('…') for regular expressions",
    'rainbow.yaml:1',
    null,
  ],
  ['a circle', { yaml: 'poll: &a {push: *a}', env: BROKERS }, 'Not readable as YAML', 'rainbow.yaml', null],
  [
    'a list for a file',
    { yaml: '- poll', env: BROKERS },
    'must be a map of keys and values',
    'rainbow.yaml:1:1',
    null,
  ],
  [
    'a file that is not there',
    { args: { configFile: 'other.yaml' }, env: BROKERS },
    'The configuration file other.yaml does not exist',
    'command line',
    '--config',
  ],
  [
    'a variable that names no file',
    { env: { ...BROKERS, RAINBOW_CONFIG: 'other.yaml' } },
    'The configuration file other.yaml does not exist',
    'RAINBOW_CONFIG',
    '--config',
  ],
  [
    'a file in the folder that may not be read',
    { env: BROKERS, unreadable: { '/etc/rainbow/rainbow.yaml': 'EACCES' } },
    'this user may not read',
    'rainbow.yaml',
    '--config',
  ],
];

describe('given files', () => {
  test.each(cases)('when there is %s, then one fault says where and what to change', (...row) => {
    const { fault, expected } = faultIn(row);
    expect(fault).toEqual(expected);
  });
});
