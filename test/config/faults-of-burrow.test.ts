import { describe, expect, test } from 'vitest';
import { KEY, PEM, BROKERS } from './loading.ts';
import { faultIn, type FaultCase } from './single-fault.ts';

const cases: readonly FaultCase[] = [
  [
    'no Burrow',
    { yaml: 'burrow: {servers: []}', env: BROKERS },
    'burrow.servers must list at least one Burrow server',
    'rainbow.yaml',
    null,
  ],
  [
    'a Burrow without scheme',
    { set: ['burrow.servers=burrow:8000'], env: BROKERS },
    'burrow.servers[0].url must be a URL',
    'command line',
    'begin it with http:// or https://',
  ],
  [
    'a Burrow that is no URL',
    { set: ['burrow.servers=burrow'], env: BROKERS },
    'burrow.servers[0].url must be a URL',
    'command line',
    'scheme, host and port',
  ],
  [
    'a Burrow with its API path',
    { set: ['burrow.servers=http://b:8000/v3/kafka'], env: BROKERS },
    'burrow.servers[0].url must be a URL',
    'command line',
    'leave out /v3',
  ],
  [
    'a Burrow with a query',
    { set: ['burrow.servers=http://b:8000?x=1'], env: BROKERS },
    'burrow.servers[0].url must be a URL',
    'command line',
    'leave out the part from ?',
  ],
  [
    'a Burrow without URL',
    { yaml: 'burrow: {servers: [{name: x}]}', env: BROKERS },
    'burrow.servers[0].url is missing',
    'rainbow.yaml',
    null,
  ],
  [
    'a Burrow that is a number',
    { yaml: 'burrow: {servers: [5]}', env: BROKERS },
    'burrow.servers[0] must be a map',
    'rainbow.yaml:1:20',
    null,
  ],
  [
    'an unknown key of a Burrow',
    { yaml: 'burrow:\n  servers:\n    - {url: "http://b:1", usrname: x}', env: BROKERS },
    'burrow.servers[0].usrname is not a known key',
    'rainbow.yaml:3:27',
    'did you mean username?',
  ],
  [
    'a Burrow twice',
    { set: ['burrow.servers=http://b:1,http://b:1'], env: BROKERS },
    'burrow.servers[1] has the same name as burrow.servers[0]',
    'command line',
    'a name of its own',
  ],
  [
    'a user without password',
    { yaml: 'burrow: {servers: [{url: "http://b:1", username: x}]}', env: BROKERS },
    'burrow.servers[0].username has a user but no password',
    'rainbow.yaml',
    'set passwordFile',
  ],
  [
    'a password without user',
    { yaml: 'burrow: {servers: [{url: "http://b:1", password: x}]}', env: BROKERS },
    'burrow.servers[0] has a password but no user',
    'rainbow.yaml',
    'set username too',
  ],
  [
    'a user in the URL without password',
    { set: ['burrow.servers=http://me@b:1'], env: BROKERS },
    'burrow.servers[0].url has a user but no password',
    'command line',
    'set passwordFile',
  ],
  [
    'credentials in two places',
    { yaml: 'burrow: {servers: [{url: "http://a:b@b:1", username: x, password: y}]}', env: BROKERS },
    'burrow.servers[0].url must not hold credentials beside',
    'rainbow.yaml',
    'remove them from the URL',
  ],
  [
    'TLS files on http',
    {
      yaml: 'burrow: {servers: [{url: "http://b:1", tls: {caFile: ca.pem}}]}',
      env: BROKERS,
      files: { '/etc/rainbow/ca.pem': PEM },
    },
    'burrow.servers[0].url must begin with https://',
    'rainbow.yaml',
    'change the URL or remove tls',
  ],
  [
    'a certificate without key',
    {
      yaml: 'burrow: {servers: [{url: "https://b:1", tls: {certFile: c.pem}}]}',
      env: BROKERS,
      files: { '/etc/rainbow/c.pem': PEM },
    },
    'burrow.servers[0].tls.certFile needs its key',
    'rainbow.yaml',
    'set keyFile too',
  ],
  [
    'a key without certificate',
    {
      yaml: 'kafka: {tls: {enabled: true, keyFile: k.pem}}',
      env: BROKERS,
      files: { '/etc/rainbow/k.pem': KEY },
    },
    'kafka.tls.keyFile needs its certificate',
    'rainbow.yaml',
    'set certFile too',
  ],
  [
    'a map of clusters that is a list',
    { yaml: 'burrow: {servers: [{url: "http://b:1", clusters: [prod]}]}', env: BROKERS },
    "burrow.servers[0].clusters must be a map of Burrow's names and ours, such as {prod: prod-eu}",
    'rainbow.yaml',
    'write a map',
  ],
  [
    'a cluster whose name is a number',
    { yaml: 'burrow: {servers: [{url: "http://b:1", clusters: {prod: 5}}]}', env: BROKERS },
    'burrow.servers[0].clusters.prod must be text',
    'rainbow.yaml',
    'put the value in quotes',
  ],
  [
    'a cluster without a name',
    { yaml: 'burrow: {servers: [{url: "http://b:1", clusters: {prod: " "}}]}', env: BROKERS },
    'burrow.servers[0].clusters.prod must not be blank',
    'rainbow.yaml',
    'give the cluster a name',
  ],
  [
    'a name for no cluster',
    { yaml: 'burrow: {servers: [{url: "http://b:1", clusters: {"": prod}}]}', env: BROKERS },
    'must name a cluster of this Burrow',
    'rainbow.yaml',
    'write {its-name: our-name}',
  ],
  [
    'a cluster name with a slash',
    { yaml: 'burrow: {servers: [{url: "http://b:1", clusters: {prod: eu/prod}}]}', env: BROKERS },
    'burrow.servers[0].clusters.prod must not contain / or control characters',
    'rainbow.yaml',
    null,
  ],
  [
    'a cluster name that is too long',
    { yaml: `burrow: {servers: [{url: "http://b:1", clusters: {prod: ${'x'.repeat(201)}}}]}`, env: BROKERS },
    'burrow.servers[0].clusters.prod must not be longer than 200 characters',
    'rainbow.yaml',
    null,
  ],
  [
    'one name for two clusters of a Burrow',
    { yaml: 'burrow: {servers: [{url: "http://b:1", clusters: {a: prod, b: prod}}]}', env: BROKERS },
    'burrow.servers[0].clusters.b gives this cluster the name that a has already: prod',
    'rainbow.yaml',
    'a name of its own',
  ],
];

describe('given Burrow servers', () => {
  test.each(cases)('when there is %s, then one fault says where and what to change', (...row) => {
    const { fault, expected } = faultIn(row);
    expect(fault).toEqual(expected);
  });
});
