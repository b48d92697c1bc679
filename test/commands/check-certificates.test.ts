import { describe, expect, test } from 'vitest';
import { X509Certificate } from 'node:crypto';
import { checkCertificates } from '../../src/commands/check-certificates.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { loadGood, pem, PEM } from '../config/loading.ts';

const CERTIFICATES = new URL('../burrow/certificates/', import.meta.url).pathname;
const [FILE, AUTHORITY] = [`${CERTIFICATES}client.pem`, `${CERTIFICATES}authority.pem`];
const DAY_MS = 86_400_000;
const { validFrom, validTo } = new X509Certificate(pem('client'));
const [fromMs, toMs] = [Date.parse(validFrom), Date.parse(validTo)];
const lastDay = new Date(toMs).toISOString().slice(0, 10);

/** TLS with a client certificate, which is there on the disk, too. */
function configure(path: 'kafka' | 'burrow'): Configuration {
  const yaml = `certFile: ${FILE}, keyFile: /key`;
  const server = path === 'burrow' ? `, tls: {${yaml}}` : '';
  return loadGood({
    yaml:
      `burrow: {servers: ["http://a:1", {url: "https://b:2"${server}}]}\n` +
      (path === 'kafka' ? `kafka: {tls: {enabled: true, caFile: ${AUTHORITY}, ${yaml}}}` : ''),
    env: { RAINBOW_KAFKA_BROKERS: 'a:1' },
    files: { [FILE]: pem('client'), '/key': pem('client-key'), [AUTHORITY]: PEM },
  });
}

/** The same for a token endpoint, and for our own server. */
function configureOthers(): Configuration {
  return loadGood({
    yaml:
      `http: {tls: {certFile: ${FILE}, keyFile: /key}}\nkafka: {brokers: [a:1], sasl: {mechanism: oauthbearer, ` +
      `tokenEndpoint: "https://l/t", clientId: a, clientSecret: b, tokenEndpointCaFile: ${AUTHORITY}}}`,
    files: { [FILE]: pem('client'), '/key': pem('client-key'), [AUTHORITY]: PEM },
  });
}

function messagesAt(nowMs: number): string[] {
  return checkCertificates(configure('burrow'), nowMs).map(({ message }) => message);
}

describe('given a certificate', () => {
  test.each([
    ['has come and is far from over', fromMs, []],
    ['is over in more than two weeks', toMs - 14 * DAY_MS - 1, []],
    ['is over in two weeks', toMs - 14 * DAY_MS, [`CN=client expires in 14 days, on ${lastDay}: renew it`]],
    ['is over in a day', toMs - DAY_MS, [`CN=client expires in 1 day, on ${lastDay}: renew it`]],
    ['is over', toMs, [`CN=client expired on ${lastDay}: renew it`]],
    ['has not come', fromMs - 1, [expect.stringMatching(/^CN=client is not valid before .*clock/)]],
  ])('when its time %s, then that is all that is said', (_when, nowMs, expected) => {
    expect(messagesAt(nowMs)).toEqual(expected);
  });

  test('when a tag or a cluster has the name of such a key, then it is no file', () => {
    const configuration = loadGood({
      yaml:
        'burrow: {servers: [{url: "http://a:1", clusters: {prod-caFile: prod}}]}\nseries: {tags: {certFile: none}}\n' +
        'sink: {type: stdout}',
    });
    expect(checkCertificates(configuration, toMs)).toEqual([]);
  });

  test('when it is one for our own server, or for a token endpoint, then it is looked at, too', () => {
    expect(checkCertificates(configureOthers(), toMs + DAY_MS).map(({ subject }) => subject)).toEqual([
      `certificate in kafka.sasl.tokenEndpointCaFile ${AUTHORITY}`,
      `certificate in http.tls.certFile ${FILE}`,
    ]);
  });

  test.each([
    ['burrow', [`certificate in burrow.servers[1].tls.certFile ${FILE}`]],
    ['kafka', [`certificate in kafka.tls.certFile ${FILE}`, `certificate in kafka.tls.caFile ${AUTHORITY}`]],
  ] as const)(
    'when it is one for %s, then a warning says where it is, and nothing fails',
    (path, subjects) => {
      const findings = checkCertificates(configure(path), toMs + DAY_MS);
      expect(findings).toEqual(
        subjects.map((subject) => expect.objectContaining({ verdict: 'warn', subject }) as unknown),
      );
    },
  );
});
