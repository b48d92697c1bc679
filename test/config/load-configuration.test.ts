import { describe, expect, test } from 'vitest';
import { describeForLog } from '../../src/config/redact.ts';
import { MATCHES_NOTHING } from '../../src/config/setting/name-pattern.ts';
import { BROKERS, load, loadGood, PEM } from './loading.ts';

describe('given nothing but a broker', () => {
  test('when it is loaded, then everything else has the default that the reference promises', () => {
    expect(loadGood({ env: BROKERS })).toEqual({
      burrow: {
        servers: [{ url: 'http://localhost:8000', name: 'localhost:8000' }],
        timeoutMs: 10_000,
        concurrency: 20,
      },
      discovery: {
        intervalMs: 60_000,
        clusters: { allow: /.*/, deny: MATCHES_NOTHING },
        groups: { allow: /.*/, deny: /^(console-consumer-|heartbeat-|KMOffsetCache-|KafkaManager|burrow-)/ },
        topics: { allow: /.*/, deny: /^__/ },
        deadAfter: 3,
        maxGroups: 100_000,
      },
      poll: { intervalMs: 30_000, push: 'also', pushSafetyMs: 600_000 },
      series: {
        prefix: 'burrow',
        naming: 'rainbow',
        source: 'this-host',
        tags: {},
        seriesTags: ['owner', 'client_id'],
        confirmZero: 1,
        zeroToleranceRecords: 0,
        closeOnStop: true,
      },
      sink: { type: 'kafka', format: 'wavefront' },
      file: { path: '' },
      wavefront: { address: 'localhost:2878', timeoutMs: 30_000, tls: null },
      kafka: {
        brokers: ['kafka:9092'],
        topic: 'speed-racer',
        clientId: 'burrow-rainbow',
        timeoutMs: 30_000,
        compression: 'gzip',
        linesPerMessage: 50,
        transactions: false,
        tls: null,
        sasl: null,
      },
      outbox: {
        memoryBytes: 64 * 1024 ** 2,
        disk: { path: '', maxBytes: 1024 ** 3, bytesPerSecond: 8 * 1024 ** 2 },
      },
      ledger: { topic: 'speed-racer.spans', path: '' },
      http: { host: '', port: 7099, tls: null },
      health: { burrowSilentMs: 480_000, sinkSilentMs: 300_000 },
      stop: { deadlineMs: 8000 },
      metrics: { partitions: false, partitionOwners: false, protected: false },
      log: { level: 'info', pretty: 'auto' },
    });
  });

  test('when the deny of the clusters is empty, then it denies no name at all', () => {
    const { deny } = loadGood({ env: { ...BROKERS, RAINBOW_DISCOVERY_GROUPS_DENY: '' } }).discovery.groups;
    expect(['', 'burrow-local', '(?!)'].some((name) => deny.test(name))).toBe(false);
  });
});

describe('given the whole reference file, keys without a value included', () => {
  const yaml = `
burrow:
  servers: [http://localhost:8000]
  timeout: 10s
  concurrency: 20
discovery:
  interval: 60s
  clusters: {allow: '.*', deny: ''}
  groups:   {allow: '.*', deny: '^(console-consumer-|heartbeat-|KMOffsetCache-|KafkaManager|burrow-)'}
  topics:   {allow: '.*', deny: '^__'}
  deadAfter: 3
poll:
  interval: 30s
  push: also
series:
  prefix: burrow
  naming: rainbow
  tags: {}
  seriesTags: [owner, client_id]
  confirmZero: 1
  zeroTolerance: 0
  closeOnStop: true
sink:
  type: kafka
  format: wavefront
  file: ''
kafka:
  brokers: [kafka:9092]
  topic: speed-racer
  clientId: burrow-rainbow
  timeout: 30s
  compression: gzip
  linesPerMessage: 50
  transactions: false
  tls: {enabled: false, caFile, certFile, keyFile}
  sasl: {mechanism, username, passwordFile, region}
outbox:
  memory: 64MB
  disk: {path: '', max: 1GB}
ledger:
  topic: ''
  path: ''
http:
  host: ''
  port: 7099
  tokenFile: ''
health:
  burrowSilent: 8m
  sinkSilent: 5m
metrics: {partitions: false}
log: {level: info, pretty: auto}
`;

  test('when it is loaded, then it says nothing but the defaults', () => {
    expect(loadGood({ yaml })).toEqual(loadGood({ env: BROKERS }));
  });
});

describe('given sections and keys without a value', () => {
  test('when they are loaded, then they count as not set', () => {
    expect(loadGood({ yaml: 'kafka:\npoll:\n  interval:\nseries: {tags: }', env: BROKERS })).toEqual(
      loadGood({ env: BROKERS }),
    );
  });
});

describe('given names for the clusters of a Burrow', () => {
  test('when they are loaded, then each server has its own, and two of them may share one', () => {
    const yaml = `
burrow:
  servers:
    - http://a:1
    - {url: 'http://b:1', clusters: {prod: prod-eu, dev: eu}}
    - {url: 'http://c:1', clusters: {prod: prod-eu}}
`;
    expect(loadGood({ yaml, env: BROKERS }).burrow.servers).toEqual([
      { url: 'http://a:1', name: 'a:1' },
      { url: 'http://b:1', name: 'b:1', clusters: { prod: 'prod-eu', dev: 'eu' } },
      { url: 'http://c:1', name: 'c:1', clusters: { prod: 'prod-eu' } },
    ]);
  });
});

describe('given one key in several places', () => {
  const yaml = 'poll: {interval: 1s}\nkafka: {brokers: [file:1]}';

  test('when it is in the file and in the environment, then the environment wins', () => {
    const { poll, kafka } = loadGood({ yaml, env: { RAINBOW_POLL_INTERVAL: '2s' } });
    expect([poll.intervalMs, kafka.brokers]).toEqual([2000, ['file:1']]);
  });

  test('when it is on the command line too, then the last on the command line wins', () => {
    const { poll } = loadGood({
      yaml,
      env: { RAINBOW_POLL_INTERVAL: '2s' },
      set: ['poll.interval=3s', 'poll.interval=4s'],
    });
    expect(poll.intervalMs).toBe(4000);
  });

  test('when a later password meets an earlier passwordFile, then it replaces it', () => {
    const sasl = 'kafka: {brokers: [k:1], sasl: {mechanism: plain, username: me, passwordFile: not-there}}';
    const { kafka } = loadGood({ yaml: sasl, env: { RAINBOW_KAFKA_SASL_PASSWORD: 'new' } });
    expect(kafka.sasl).toEqual({ mechanism: 'plain', username: 'me', password: 'new' });
  });

  test('when a later tokenFile meets an earlier token, then it replaces it', () => {
    const { http } = loadGood({
      yaml: 'http: {token: old}',
      env: { ...BROKERS, RAINBOW_HTTP_TOKEN_FILE: '/token' },
      files: { '/token': 'new' },
    });
    expect(http.token).toBe('new');
  });
});

describe('given values as text', () => {
  test('when they are set from the environment, then each is read as its key wants it', () => {
    const configuration = loadGood({
      env: {
        RAINBOW_KAFKA_BROKERS: 'a:9092, b:9092,[::1]:9092',
        RAINBOW_KAFKA_LINES_PER_MESSAGE: '50',
        RAINBOW_KAFKA_CLIENT_ID: '123',
        RAINBOW_SERIES_CLOSE_ON_STOP: 'false',
        RAINBOW_SERIES_TAGS: 'dc=us1, rack=r=2',
        RAINBOW_SERIES_SERIES_TAGS: '[]',
        RAINBOW_DISCOVERY_DEAD_AFTER: '5',
        RAINBOW_DISCOVERY_GROUPS_ALLOW: '[a-z]{2,3}',
        RAINBOW_LOG_PRETTY: 'true',
        RAINBOW_OUTBOX_MEMORY: '2GB',
      },
    });
    expect(configuration).toMatchObject({
      kafka: { brokers: ['a:9092', 'b:9092', '[::1]:9092'], linesPerMessage: 50, clientId: '123' },
      series: { closeOnStop: false, tags: { dc: 'us1', rack: 'r=2' }, seriesTags: [] },
      discovery: { deadAfter: 5, groups: { allow: { source: '[a-z]{2,3}' } } },
      log: { pretty: true },
      outbox: { memoryBytes: 2 * 1024 ** 3 },
    });
  });

  test('when single tags are set, then they join those of the file', () => {
    const yaml = 'series: {tags: {dc: us1, rack: r1}}';
    const { series } = loadGood({ yaml, env: BROKERS, set: ['series.tags.rack=r2', 'series.tags.a.b=c'] });
    expect(series.tags).toEqual({ dc: 'us1', rack: 'r2', 'a.b': 'c' });
  });

  test('when servers need more than a URL, then they can be written as YAML', () => {
    const servers = '[{url: "https://b:1", username: me, passwordFile: pw}, "http://c"]';
    const { burrow } = loadGood({
      env: { ...BROKERS, RAINBOW_BURROW_SERVERS: servers },
      files: { '/etc/rainbow/pw': 'secret\n' },
    });
    expect(burrow.servers).toEqual([
      { url: 'https://b:1', name: 'b:1', username: 'me', password: 'secret' },
      { url: 'http://c', name: 'c:80' },
    ]);
  });

  test('when true and false stand in the file for pretty, then they are taken', () => {
    expect(loadGood({ yaml: 'log: {pretty: false}', env: BROKERS }).log.pretty).toBe(false);
  });
});

describe('given credentials in the URL of a Burrow', () => {
  test('when it is loaded, then they are taken out of it, decoded, and a path stays', () => {
    const { burrow } = loadGood({ env: BROKERS, set: ['burrow.servers=http://me:p%40ss@b:8000/burrow/'] });
    expect(burrow.servers).toEqual([
      { url: 'http://b:8000/burrow', name: 'b:8000', username: 'me', password: 'p@ss' },
    ]);
  });
});

describe('given OAUTHBEARER', () => {
  test('when the client has its secret in a file, then it is read, and hidden from the log', () => {
    const yaml =
      'kafka: {brokers: [k:1], sasl: {mechanism: oauthbearer, tokenEndpoint: "https://l/t?a=b", clientId: me, ' +
      'clientSecretFile: secret, scope: a b, tokenEndpointCaFile: ca.pem}}';
    const files = { '/etc/rainbow/secret': 's3cret\n', '/etc/rainbow/ca.pem': PEM };
    const configuration = loadGood({ yaml, files });
    expect(configuration.kafka.sasl).toEqual({
      mechanism: 'oauthbearer',
      tokenEndpoint: 'https://l/t?a=b',
      clientId: 'me',
      clientSecret: 's3cret',
      scope: 'a b',
      tokenEndpointCaFile: '/etc/rainbow/ca.pem',
    });
    expect(JSON.stringify(describeForLog(configuration))).not.toContain('s3cret');
  });
});

describe('given IPv6 addresses', () => {
  const [one, two, all] = ['[::1]:9092', '[fe80::1%eth0]:9092', '[2001:db8:0:0:0:0:0:1]:9092'];
  test.each([
    ['[::1]:9092', [one]],
    [' [::1]:9092, [fe80::1%eth0]:9092', [one, two]],
    ['["[::1]:9092","[fe80::1%eth0]:9092"]', [one, two]],
    ['[a:9092, b:9092]', ['a:9092', 'b:9092']],
    // Nine parts cannot be an address alone, and no part of one has five digits or is read after an IPv4 address.
    ['2001:db8:0:0:0:0:0:1:9092', [all]],
    ['::1:19092,::ffff:10.0.0.1:9092', ['[::1]:19092', '[::ffff:10.0.0.1]:9092']],
  ])('when the brokers are %s, then they are in brackets', (text, brokers) => {
    expect(loadGood({ env: { RAINBOW_KAFKA_BROKERS: text } }).kafka.brokers).toEqual(brokers);
    expect(loadGood({ set: [`kafka.brokers=${text}`] }).kafka.brokers).toEqual(brokers);
  });

  test.each([
    ['::', '::'],
    ['[::1]', '::1'],
    ['[fe80::1%eth0]', 'fe80::1%eth0'],
    ['localhost', 'localhost'],
    ['', ''],
  ])('when http.host is "%s", then it is listened on without brackets', (given, host) => {
    expect(loadGood({ env: { ...BROKERS, RAINBOW_HTTP_HOST: given } }).http.host).toBe(host);
  });
});

describe('given paths', () => {
  const files = {
    '/conf/ca.pem': PEM,
    '/etc/rainbow/ca.pem': PEM,
    '/conf/lag.yaml': 'kafka: {tls: {enabled: true, caFile: ca.pem}}',
  };

  test('when the file names one, then it starts at the folder of the file', () => {
    const { kafka } = loadGood({ env: BROKERS, files, args: { configFile: '/conf/lag.yaml' } });
    expect(kafka.tls).toEqual({ caFile: '/conf/ca.pem', verifyHostname: true });
  });

  test('when the environment names one, then it starts at the working directory', () => {
    const env = { ...BROKERS, RAINBOW_KAFKA_TLS_CA_FILE: 'ca.pem' };
    const { kafka } = loadGood({ env, files, args: { configFile: '../../conf/lag.yaml' } });
    expect(kafka.tls).toEqual({ caFile: '/etc/rainbow/ca.pem', verifyHostname: true });
  });

  test('when the records go to a file, then its path is absolute', () => {
    expect(loadGood({ set: ['sink.type=file', 'sink.file=lag.txt'] }).file.path).toBe('/etc/rainbow/lag.txt');
  });
});

describe('given several places for the file itself', () => {
  const files = { '/a.yaml': 'poll: {interval: 1s}', '/b.yaml': 'poll: {interval: 2s}' };
  const yaml = 'poll: {interval: 3s}';

  test.each([
    ['--config', { configFile: '/a.yaml' }, { RAINBOW_CONFIG: '/b.yaml' }, '/a.yaml', 1000],
    ['RAINBOW_CONFIG', {}, { RAINBOW_CONFIG: '/b.yaml' }, '/b.yaml', 2000],
    ['the folder, where RAINBOW_CONFIG is empty', {}, { RAINBOW_CONFIG: '' }, 'rainbow.yaml', 3000],
  ])('when it is named by %s, then that one is read', (_, args, env, file, intervalMs) => {
    const result = load({ args, env: { ...BROKERS, ...env }, files, yaml });
    expect(result).toMatchObject({ kind: 'ok', file, configuration: { poll: { intervalMs } } });
  });
});

describe('given a demonstration', () => {
  const args = { demo: true };

  test('when nothing is said, then records go to standard output, whatever file lies in the folder', () => {
    const yaml = 'kafka: {brokers: [production:9092]}';
    expect(load({ args, yaml })).toMatchObject({ file: null, configuration: { sink: { type: 'stdout' } } });
  });

  test('when no address is given, then it listens on this machine alone', () => {
    expect(loadGood({ args }).http.host).toBe('127.0.0.1');
    expect(loadGood({ args, env: { RAINBOW_HTTP_HOST: '0.0.0.0' } }).http.host).toBe('0.0.0.0');
    expect(loadGood({ env: BROKERS }).http.host).toBe('');
  });

  test('when brokers are given, then records go there', () => {
    expect(loadGood({ args, env: BROKERS }).sink.type).toBe('kafka');
  });

  test('when a sink is given, then records go there', () => {
    expect(loadGood({ args, set: ['sink.type=file', 'sink.file=/f'] }).sink.type).toBe('file');
    expect(load({ args, set: ['sink.type=kafka'] }).kind).toBe('faults');
  });
});

describe('given a command that sends nothing', () => {
  const args = { sendsNothing: true };

  test('when no brokers are set, then the file of the folder is read all the same', () => {
    expect(loadGood({ args, yaml: 'http: {port: 7100}' }).http.port).toBe(7100);
    expect(loadGood({ args }).http.port).toBe(7099);
  });
});

describe('given all that Kafka may ask for', () => {
  test('when IAM is wanted, then region and TLS are enough', () => {
    const yaml = 'kafka: {tls: {enabled: true}, sasl: {mechanism: aws-msk-iam, region: eu-west-1}}';
    expect(loadGood({ yaml, env: BROKERS }).kafka).toMatchObject({
      tls: { verifyHostname: true },
      sasl: { mechanism: 'aws-msk-iam', region: 'eu-west-1' },
    });
  });

  test('when a secret file ends with a newline, then only that newline is not part of the secret', () => {
    const yaml = 'kafka: {sasl: {mechanism: plain, username: me, passwordFile: /pw}}';
    const { kafka } = loadGood({ yaml, env: BROKERS, files: { '/pw': ' a b \r\n' } });
    expect(kafka.sasl).toMatchObject({ password: ' a b ' });
  });
});
