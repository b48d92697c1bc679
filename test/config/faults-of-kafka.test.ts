import { describe, expect, test } from 'vitest';
import { PEM, BROKERS } from './loading.ts';
import { faultIn, type FaultCase } from './single-fault.ts';

const OAUTH = {
  ...BROKERS,
  RAINBOW_KAFKA_SASL_MECHANISM: 'oauthbearer',
  RAINBOW_KAFKA_SASL_TOKEN_ENDPOINT: 'https://login.example.com/token',
  RAINBOW_KAFKA_SASL_CLIENT_ID: 'rainbow',
  RAINBOW_KAFKA_SASL_CLIENT_SECRET: 's3cret',
};

const cases: readonly FaultCase[] = [
  [
    'an empty configuration',
    {},
    'kafka.brokers must list at least one broker for sink kafka',
    'not set',
    'set kafka.brokers or RAINBOW_KAFKA_BROKERS, or try --sink stdout',
  ],
  [
    'an empty list of brokers',
    { yaml: 'kafka: {brokers: []}' },
    'kafka.brokers must list at least one broker',
    'rainbow.yaml:1:18',
    '--sink stdout',
  ],
  [
    'a broker without port',
    { yaml: 'kafka:\n  brokers:\n    - kafka-1' },
    'kafka.brokers[0] must be host:port',
    'rainbow.yaml:3:7',
    'add the port: kafka-1:9092',
  ],
  [
    'a broker with a listener name',
    { yaml: 'kafka: {brokers: ["SSL://k:9093"]}' },
    'kafka.brokers[0] must be host:port',
    'rainbow.yaml:1:19',
    'leave out the part before and with ://',
  ],
  [
    'a broker with port 0',
    { set: ['kafka.brokers=k:0'] },
    'kafka.brokers[0] must be host:port',
    'command line',
    null,
  ],
  ...[
    ['::1:9092', 'put the address in brackets, and the port after it: [::1]:9092 if 9092 is the port'],
    ['2001:db8::1:9092', 'else [2001:db8::1:9092]:9092'],
    ['::1:0', 'put the address in brackets, and the port after it: [::1:0]:9092'],
    ['::1', 'put the address in brackets, and the port after it: [::1]:9092'],
    ['[::1]', 'put the address in brackets, and the port after it: [::1]:9092'],
    ['[::1]:0', null],
    ['[kafka-1]:9092', null],
    ['::1:99999', null],
  ].flatMap(([broker = '', hint = null]): FaultCase[] => [
    [
      `${broker} in the file`,
      { yaml: `kafka: {brokers: ["${broker}"]}` },
      'kafka.brokers[0] must be host:port, such as kafka-1:9092 or [2001:db8::1]:9092',
      'rainbow.yaml:1:19',
      hint,
    ],
    [
      `${broker} in the environment`,
      { env: { RAINBOW_KAFKA_BROKERS: `a:1,${broker}` } },
      'kafka.brokers[1] must be host:port',
      'RAINBOW_KAFKA_BROKERS',
      hint,
    ],
  ]),
  [
    'an IPv6 address without its port in the environment',
    { env: { RAINBOW_KAFKA_BROKERS: '[::1]' } },
    'kafka.brokers[0] must be host:port',
    'RAINBOW_KAFKA_BROKERS',
    'put the address in brackets, and the port after it: [::1]:9092',
  ],
  [
    'an IPv6 address in the file without quotes',
    { yaml: 'kafka:\n  brokers:\n    - [::1]:9092' },
    'Not valid YAML: this was not expected here; a value that begins with a bracket',
    'rainbow.yaml:3:12',
    null,
  ],
  [
    'a list of IPv6 addresses in the file without quotes',
    { yaml: 'kafka: {brokers: [[::1]:9092]}' },
    'Not valid YAML: a key must be text; a value that begins with a bracket',
    'rainbow.yaml:1:19',
    null,
  ],
  [
    'brokers as text',
    { yaml: 'kafka: {brokers: "a:1"}' },
    'kafka.brokers must be a list of host:port',
    'rainbow.yaml:1:18',
    'write a list',
  ],
  [
    'TLS files without TLS',
    { yaml: 'kafka: {tls: {caFile: ca.pem}}', env: BROKERS, files: { '/etc/rainbow/ca.pem': PEM } },
    'kafka.tls.enabled must be true where the rest of kafka.tls is set',
    'not set',
    'set kafka.tls.enabled: true',
  ],
  [
    'a user without mechanism',
    { set: ['kafka.sasl.username=me'], env: BROKERS },
    'kafka.sasl.mechanism must be set where kafka.sasl.username is',
    'not set',
    'scram-sha-512',
  ],
  [
    'SCRAM without user',
    { yaml: 'kafka: {sasl: {mechanism: scram-sha-256, password: x}}', env: BROKERS },
    'kafka.sasl.username must be set for mechanism scram-sha-256',
    'not set',
    'set kafka.sasl.username',
  ],
  [
    'plain without password',
    { yaml: 'kafka: {sasl: {mechanism: plain, username: x}}', env: BROKERS },
    'kafka.sasl.password must be set for mechanism plain',
    'not set',
    'RAINBOW_KAFKA_SASL_PASSWORD',
  ],
  [
    'SCRAM with a region',
    {
      yaml: 'kafka: {sasl: {mechanism: scram-sha-512, username: me, password: pw, region: us-east-1}}',
      env: BROKERS,
    },
    'kafka.sasl.region is not used by mechanism scram-sha-512',
    'rainbow.yaml',
    'remove it',
  ],
  [
    'OAUTHBEARER without a token endpoint',
    { yaml: 'kafka: {sasl: {mechanism: oauthbearer, clientId: x, clientSecret: y}}', env: BROKERS },
    'kafka.sasl.tokenEndpoint must be set for mechanism oauthbearer',
    'not set',
    'such as kafka.sasl.tokenEndpoint: https://',
  ],
  [
    'OAUTHBEARER without a client',
    {
      yaml: 'kafka: {sasl: {mechanism: oauthbearer, tokenEndpoint: "https://l", clientSecret: y}}',
      env: BROKERS,
    },
    'kafka.sasl.clientId must be set for mechanism oauthbearer',
    'not set',
    'set kafka.sasl.clientId',
  ],
  [
    'OAUTHBEARER without a secret',
    {
      yaml: 'kafka: {sasl: {mechanism: oauthbearer, tokenEndpoint: "https://l", clientId: x}}',
      env: BROKERS,
    },
    'kafka.sasl.clientSecret must be set for mechanism oauthbearer',
    'not set',
    'RAINBOW_KAFKA_SASL_CLIENT_SECRET',
  ],
  [
    'OAUTHBEARER with a user',
    {
      yaml: 'kafka: {sasl: {mechanism: oauthbearer, tokenEndpoint: "https://l", clientId: x, clientSecret: y, username: z}}',
      env: BROKERS,
    },
    'kafka.sasl.username is not used by mechanism oauthbearer',
    'rainbow.yaml',
    'remove it',
  ],
  [
    'a scope for SCRAM',
    { yaml: 'kafka: {sasl: {mechanism: plain, username: x, password: y, scope: z}}', env: BROKERS },
    'kafka.sasl.scope is not used by mechanism plain',
    'rainbow.yaml',
    'remove it',
  ],
  ...['ftp://l/token', 'login', 'https://me:secret@l/token', 'https://l/token#now'].map((url): FaultCase => [
    `${url} as token endpoint`,
    { env: { ...OAUTH, RAINBOW_KAFKA_SASL_TOKEN_ENDPOINT: url } },
    'kafka.sasl.tokenEndpoint must be an http or https URL without credentials',
    'RAINBOW_KAFKA_SASL_TOKEN_ENDPOINT',
    null,
  ]),
  [
    'an authority for a token endpoint without TLS',
    {
      env: {
        ...OAUTH,
        RAINBOW_KAFKA_SASL_TOKEN_ENDPOINT: 'http://l/token',
        RAINBOW_KAFKA_SASL_TOKEN_ENDPOINT_CA_FILE: '/ca',
      },
      files: { '/ca': PEM },
    },
    'kafka.sasl.tokenEndpoint must begin with https:// where tokenEndpointCaFile is set',
    'RAINBOW_KAFKA_SASL_TOKEN_ENDPOINT',
    'remove the file',
  ],
  [
    'an authority for a token endpoint that is none',
    { env: { ...OAUTH, RAINBOW_KAFKA_SASL_TOKEN_ENDPOINT_CA_FILE: '/ca' }, files: { '/ca': 'x' } },
    'kafka.sasl.tokenEndpointCaFile must name a PEM file',
    'RAINBOW_KAFKA_SASL_TOKEN_ENDPOINT_CA_FILE',
    '-----BEGIN',
  ],
  [
    'IAM without region',
    { yaml: 'kafka: {tls: {enabled: true}, sasl: {mechanism: aws-msk-iam}}', env: BROKERS },
    'kafka.sasl.region must be set for mechanism aws-msk-iam',
    'not set',
    'us-east-1',
  ],
  [
    'IAM without TLS',
    { yaml: 'kafka: {sasl: {mechanism: aws-msk-iam, region: us-east-1}}', env: BROKERS },
    'kafka.tls.enabled must be true for mechanism aws-msk-iam',
    'not set',
    'set kafka.tls.enabled: true',
  ],
  [
    'IAM with a user',
    {
      yaml: 'kafka: {tls: {enabled: true}, sasl: {mechanism: aws-msk-iam, region: x, username: me}}',
      env: BROKERS,
    },
    'kafka.sasl.username is not used by mechanism aws-msk-iam',
    'rainbow.yaml',
    'remove it',
  ],
  [
    'sink file without a file',
    { set: ['sink.type=file'] },
    'sink.file must be set for sink file',
    'not set',
    'sink.file: lag.txt',
  ],
  [
    'a format to come',
    { set: ['sink.format=influx'], env: BROKERS },
    'sink.format cannot be influx: it is not there yet',
    'command line',
    'choose wavefront or json',
  ],
  [
    'transactions without a ledger',
    { yaml: 'kafka: {transactions: true}\nledger: {enabled: false}', env: BROKERS },
    'kafka.transactions needs the ledger, which is a part of each transaction',
    'rainbow.yaml',
    'set ledger.enabled: true',
  ],
  [
    'a ledger topic for another sink',
    { set: ['ledger.topic=x', 'sink.type=stdout'] },
    'ledger.topic is not used by sink stdout',
    'command line',
    'set ledger.path instead',
  ],
  [
    'a ledger path for Kafka',
    { set: ['ledger.path=x'], env: BROKERS },
    'ledger.path is not used by sink kafka, whose ledger is a topic',
    'command line',
    'set ledger.topic, or remove it',
  ],
  [
    'a ledger in the topic of the records',
    { set: ['ledger.topic=speed-racer'], env: BROKERS },
    'ledger.topic must not be kafka.topic itself',
    'command line',
    'give the ledger a topic of its own',
  ],
  [
    'a ledger with a name that no topic has',
    { set: ['ledger.topic=speed racer'], env: BROKERS },
    'ledger.topic must be a Kafka topic name: up to 249 letters, digits, dots, _ and -',
    'command line',
    'such as speed-racer.spans',
  ],
  [
    'a ledger in the folder of the outbox',
    { set: ['ledger.path=/d', 'outbox.disk.path=/d', 'sink.type=stdout'] },
    'ledger.path must not be the folder of outbox.disk.path',
    'command line',
    'give each its own',
  ],
  [
    'a safety interval below the interval itself',
    { yaml: 'poll: {push: only, interval: 1m, pushSafety: 30s}', env: BROKERS },
    'poll.pushSafety must not be shorter than poll.interval (1m)',
    'rainbow.yaml',
    'no event has come for',
  ],
  [
    'a health check that can never be good',
    { yaml: 'health: {burrowSilent: 20s}', env: BROKERS },
    'health.burrowSilent must be longer than poll.interval (30s)',
    'rainbow.yaml',
    'three intervals or more',
  ],
];

describe('given sinks and Kafka', () => {
  test.each(cases)('when there is %s, then one fault says where and what to change', (...row) => {
    const { fault, expected } = faultIn(row);
    expect(fault).toEqual(expected);
  });
});
