import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { BROKERS, faultsOf, loadGood, pem, type Given } from './loading.ts';
import { faultIn, type FaultCase } from './single-fault.ts';

const [CA, CERT, KEY, OTHER] = ['authority', 'client', 'client-key', 'server-key'].map(pem) as [
  string,
  string,
  string,
  string,
];
const PASSPHRASE = 'opens it';

function encrypted(key: string, type: 'pkcs8' | 'sec1'): string {
  const cipher = { cipher: 'aes-256-cbc', passphrase: PASSPHRASE };
  return createPrivateKey(key).export({ type, format: 'pem', ...cipher }) as string;
}

/** Encrypted with RC2 of 40 bits, which OpenSSL 3 has given up. */
const RC2_KEY = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGxMBwGCiqGSIb3DQEMAQYwDgQI6Z426X1YRpwCAggABIGQAGAA6cXsJMUMR2dp
blv6CX0WZQsnV/6JQxQ0UGk7tAOB/3nVBP8y4yOI0RxDoRpLvZNIz7lUqWwCNEed
EmC6RUk3kyIMClaqnfpLQSG5YsmynX+YklxKZ6eo0Dx2JdlMNEgTX+IPty2ve+t6
IaPK3oQdBKRh2gKk7cxQLMRT+HxErXImM/azsuVX1SjyI3Zf
-----END ENCRYPTED PRIVATE KEY-----
`;

/** A self-signed certificate with a key of 512 bits, which anybody can break, and that key. */
const SHORT = `-----BEGIN CERTIFICATE-----
MIIBcTCCARugAwIBAgIUKRJ7D5dwP0FFAV5OQEJU6ijtT4wwDQYJKoZIhvcNAQEL
BQAwDDEKMAgGA1UEAwwBczAgFw0yNjExMjgwMDIzNDRaGA8yMTI2MTEwNDAwMjM0
NFowDDEKMAgGA1UEAwwBczBcMA0GCSqGSIb3DQEBAQUAA0sAMEgCQQDoyf0Omc34
fQYF698bPj8U7/tVnpbPAHWLJyeTjNF7mK42wVibxTljDvptofhY97F56cUPURwE
tbWWeOsw5L5dAgMBAAGjUzBRMB0GA1UdDgQWBBRrx0ZeCTdfV0FtFViXap+3kRyF
JzAfBgNVHSMEGDAWgBRrx0ZeCTdfV0FtFViXap+3kRyFJzAPBgNVHRMBAf8EBTAD
AQH/MA0GCSqGSIb3DQEBCwUAA0EAL9AcFL+1DSOj0rqfGwSFKe0VlHSSyBmunko8
rKcAqU29X3jPktKm4m18apvDGxE316mfpYha7/ivT9N5y/84yw==
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
MIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8AgEAAkEA6Mn9DpnN+H0GBevf
Gz4/FO/7VZ6WzwB1iycnk4zRe5iuNsFYm8U5Yw76baH4WPexeenFD1EcBLW1lnjr
MOS+XQIDAQABAkEA3x+7ziLdqS8sdsB+OD6ReCANZyN6qS5ne9krteFjaHI7f705
dtTESjso1r9T5c359Ns+HLcsScIB8JPqIFzsAQIhAPgy/VIw4qto7LW/joaG1nQ4
nyBnW9Fe+pQpjSrnVy/VAiEA8BsCQnS9BAEtqrhYY7cgdTDF760WgpcyaROhLTrJ
oGkCIQDSdNIOpnsdo4vMFRDyi1U/GV/85weZQnMxvQYB0kZAvQIgSMhHJRHyAfbB
exCqan+mbR+9wGt9eVSPyV5T6zv4xpECIQCDanqjybXdxjNJ9vfTUvXZCa6g9ety
9I7YalSwMeypMg==
-----END PRIVATE KEY-----
`;

/** TLS to Kafka with these files, each in the folder of the configuration file. */
function kafkaWith(files: Readonly<Record<string, string>>): Given {
  const keys = Object.keys(files).map((name) => `${name}File: ${name}`);
  return {
    yaml: `kafka: {tls: {enabled: true, ${keys.join(', ')}}}`,
    env: BROKERS,
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/etc/rainbow/${name}`, text])),
  };
}

function faultOf(title: string, files: Readonly<Record<string, string>>, text: string, hint: string | null) {
  return [title, kafkaWith(files), `kafka.tls.${text}`, 'rainbow.yaml:1', hint] as const satisfies FaultCase;
}

const pair = { cert: CERT, key: KEY };

const cases: readonly FaultCase[] = [
  faultOf('an authority that is empty', { ca: ' \n' }, 'caFile names a file that is empty', null),
  faultOf(
    'an authority that is no PEM',
    { ca: '0\u0082\u0003' },
    'caFile must name a PEM file',
    '-----BEGIN',
  ),
  faultOf('a key as authority', { ca: KEY }, 'caFile must name a file with a certificate', 'a private key'),
  faultOf(
    'an authority that is damaged',
    { ca: CA.replace(/MII.{8}/, '$&????') },
    'caFile names a file with a certificate that is damaged',
    'export it again',
  ),
  faultOf(
    'a second authority that is cut off',
    { ca: CA + CA.slice(0, 200) },
    'caFile names a file with a certificate that is damaged',
    'export it again',
  ),
  faultOf(
    'a certificate as key',
    { cert: CERT, key: CERT },
    'keyFile must name a file with a private key',
    'it holds a certificate',
  ),
  faultOf('a key that is empty', { cert: CERT, key: '' }, 'keyFile names a file that is empty', null),
  faultOf(
    'a key that is damaged',
    { cert: CERT, key: KEY.replace(/MI.{20}/, 'MIGHAgEA') },
    'keyFile names a key that is damaged',
    'export it again',
  ),
  faultOf(
    'the key of another certificate',
    { cert: CERT, key: OTHER },
    'keyFile does not belong to the certificate in certFile',
    null,
  ),
  faultOf(
    'a chain in the wrong order',
    { cert: CA + CERT, key: KEY },
    'certFile must have the certificate of keyFile first',
    'after it',
  ),
  faultOf(
    'a key that is too short',
    { cert: SHORT, key: SHORT },
    'certFile cannot be used for TLS: ee key too small',
    null,
  ),
  ...(['pkcs8', 'sec1'] as const).flatMap((type) => [
    faultOf(
      `an encrypted ${type} key without passphrase`,
      { cert: CERT, key: encrypted(KEY, type) },
      'keyFile names a key that is encrypted',
      'set keyPassphraseFile',
    ),
    faultOf(
      `an encrypted ${type} key with another passphrase`,
      { cert: CERT, key: encrypted(KEY, type), keyPassphrase: 'another one' },
      'keyPassphraseFile does not hold the passphrase of keyFile',
      'which of the two',
    ),
    faultOf(
      `an encrypted ${type} key of another certificate`,
      { cert: CERT, key: encrypted(OTHER, type), keyPassphrase: PASSPHRASE },
      'keyFile does not belong to the certificate in certFile',
      null,
    ),
  ]),
  faultOf(
    'a key that is encrypted as nobody does any more',
    { cert: CERT, key: RC2_KEY, keyPassphrase: 'secret' },
    'keyFile names a key that is encrypted in a way that is no longer supported',
    'openssl pkcs8',
  ),
  faultOf(
    'a passphrase file that is empty',
    { cert: CERT, key: encrypted(KEY, 'pkcs8'), keyPassphrase: '\n' },
    'keyPassphraseFile names a file that is empty',
    'write the keyPassphrase into it',
  ),
  faultOf(
    'a passphrase alone',
    { keyPassphrase: 'x' },
    'keyPassphraseFile is not used without keyFile',
    'remove it',
  ),
  [
    'a server name that is an address',
    { set: ['kafka.tls.enabled=true', 'kafka.tls.serverName=10.0.0.1'], env: BROKERS },
    'kafka.tls.serverName must be a host name, and no address',
    'command line',
    'certificate of the server',
  ],
  [
    'a host name that is not verified, without TLS',
    { set: ['kafka.tls.verifyHostname=false'], env: BROKERS },
    'kafka.tls.enabled must be true where the rest of kafka.tls is set',
    'not set',
    'kafka.tls.enabled: true',
  ],
  [
    'an authority of clients without a certificate of the server',
    { env: { ...BROKERS, RAINBOW_HTTP_TLS_CA_FILE: '/ca' }, files: { '/ca': CA } },
    'http.tls.caFile is not used without certFile',
    'RAINBOW_HTTP_TLS_CA_FILE',
    'set certFile',
  ],
  [
    'a certificate of the server without its key',
    { env: { ...BROKERS, RAINBOW_HTTP_TLS_CERT_FILE: '/cert' }, files: { '/cert': CERT } },
    'http.tls.certFile needs its key',
    'RAINBOW_HTTP_TLS_CERT_FILE',
    'set keyFile too',
  ],
  [
    'metrics that want a token that is none',
    { env: { ...BROKERS, RAINBOW_METRICS_PROTECTED: 'true' } },
    'metrics.protected needs a token',
    'RAINBOW_METRICS_PROTECTED',
    'set http.tokenFile',
  ],
  [
    'a key of another certificate for Burrow',
    {
      yaml: 'burrow: {servers: [{url: "https://b:1", tls: {certFile: cert, keyFile: key}}]}',
      env: BROKERS,
      files: { '/etc/rainbow/cert': CERT, '/etc/rainbow/key': OTHER },
    },
    'burrow.servers[0].tls.keyFile does not belong to the certificate in certFile',
    'rainbow.yaml:1',
    null,
  ],
];

describe('given TLS files', () => {
  test.each(cases)('when there is %s, then one fault says where and what to change', (...row) => {
    const { fault, expected } = faultIn(row);
    expect(fault).toEqual(expected);
  });

  test.each([
    ['a key', pair],
    ['certificate and key in one file', { cert: CERT + KEY, key: CERT + KEY }],
    ['a certificate with its authority after it', { cert: CERT + CA, key: KEY }],
    ['several authorities with words between them', { ca: `one\n${CA}\r\nanother\n${CERT}` }],
    ['a passphrase that is not needed', { ...pair, keyPassphrase: 'x' }],
    ['an encrypted key', { cert: CERT, key: encrypted(KEY, 'pkcs8'), keyPassphrase: `${PASSPHRASE}\n` }],
    ['one of the older kind', { cert: CERT, key: encrypted(KEY, 'sec1'), keyPassphrase: PASSPHRASE }],
  ])('when there is %s, then it is taken', (_what, files) => {
    const { tls } = loadGood(kafkaWith(files)).kafka;
    expect(tls).toMatchObject(
      'ca' in files ? { caFile: '/etc/rainbow/ca' } : { keyFile: '/etc/rainbow/key' },
    );
  });

  test('when a passphrase is wrong, then no fault shows it', () => {
    const faults = faultsOf(kafkaWith({ cert: CERT, key: encrypted(KEY, 'sec1'), keyPassphrase: 'hunter2' }));
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });
});
