import type { AuthenticationProviderArgs, Mechanism } from 'kafkajs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { explainKafkaError } from '../../../src/kafka/faults/kafka-fault.ts';
import type { KafkaSasl } from '../../../src/kafka/kafka-options.ts';
import { saslOptions } from '../../../src/kafka/login/kafka-sasl.ts';

/** What one exchange of SASL says to a broker that answers each message with the next of these. */
async function authenticate(options: object, answers: readonly (string | Error)[]) {
  const { authenticationProvider } = options as Mechanism;
  const said: string[] = [];
  const saslAuthenticate = (async ({ request, response }) => {
    const message = await request.encode();
    expect(message.readInt32BE()).toBe(message.length - 4);
    said.push(message.subarray(4).toString());
    const answer = answers[said.length - 1] ?? '';
    if (answer instanceof Error) throw answer;
    const size = Buffer.alloc(4);
    size.writeInt32BE(Buffer.byteLength(answer));
    return response?.parse(await response.decode(Buffer.concat([size, Buffer.from(answer)])));
  }) as AuthenticationProviderArgs['saslAuthenticate'];
  const args = { host: 'kafka', port: 9092, saslAuthenticate } as AuthenticationProviderArgs;
  const error: unknown = await authenticationProvider(args)
    .authenticate()
    .catch((reason: unknown) => reason);
  return { said, error };
}

function tokens() {
  const refused: string[] = [];
  const source = {
    token: () => Promise.resolve('t0k3n'),
    refused: (token: string) => void refused.push(token),
  };
  return { refused, options: saslOptions({ mechanism: 'oauthbearer', tokens: source }) };
}

describe('given a user name and a password', () => {
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'when the mechanism is %s, then it is kept',
    (mechanism) => {
      const sasl = { mechanism, username: 'rainbow', password: 'secret' };
      expect(saslOptions(sasl)).toEqual(sasl);
    },
  );
});

describe('given what holds changes', () => {
  test('when a login reads user and password, then it gets those of now', () => {
    const sasl = { mechanism: 'plain', username: 'rainbow', password: 'old' } as const;
    let now: KafkaSasl | undefined = sasl;
    const options = saslOptions(sasl, () => now);
    now = { ...sasl, username: 'iris', password: 'new' };
    expect(options).toMatchObject({ username: 'iris', password: 'new' });
    now = undefined;
    expect(options).toMatchObject({ username: 'rainbow', password: 'old' });
  });

  test('when a login asks for a token, then the source of now gives it', async () => {
    const sourceOf = (token: string): KafkaSasl => ({
      mechanism: 'oauthbearer',
      tokens: { token: () => Promise.resolve(token), refused: () => undefined },
    });
    let now = sourceOf('old');
    const options = saslOptions(now, () => now);
    now = sourceOf('new');
    expect((await authenticate(options, [''])).said).toEqual(['n,,\u0001auth=Bearer new\u0001\u0001']);
  });
});

describe('given tokens of an endpoint', () => {
  test('when the broker takes one, then that is all', async () => {
    const { options, refused } = tokens();
    expect(options.mechanism).toBe('oauthbearer');
    expect(await authenticate(options, [''])).toEqual({
      said: ['n,,\u0001auth=Bearer t0k3n\u0001\u0001'],
      error: undefined,
    });
    expect(refused).toEqual([]);
  });

  test.each([
    ['says why not', '{"status":"invalid_token","scope":"x"}', 'invalid_token'],
    ['does not say why', '{}', 'no reason given'],
    ['says it in an unseemly way', '{"status":"\\u001b[2J"}', 'no reason given'],
    ['is not understood', 'what?', 'no reason given'],
  ])(
    'when the broker %s, then the exchange is ended, and the token is not used again',
    async (_how, answer, status) => {
      const { options, refused } = tokens();
      const ending = Object.assign(new Error('refused'), { type: 'SASL_AUTHENTICATION_FAILED' });
      const { said, error } = await authenticate(options, [answer, ending]);
      expect(said).toEqual(['n,,\u0001auth=Bearer t0k3n\u0001\u0001', '\u0001']);
      expect(refused).toEqual(['t0k3n']);
      const fault = explainKafkaError(error, { brokers: ['a:1'], topic: 't' });
      expect(fault).toMatchObject({ action: 'retry', cause: 'credentials' });
      expect(fault.reason).toContain(`the brokers refused the token (${status}): check its scope`);
      expect(fault.reason).not.toContain('t0k3n');
    },
  );

  test('when there is no token, then the exchange is ended, and the error is that of the endpoint', async () => {
    const failure = new Error('no endpoint');
    const source = { token: () => Promise.reject(failure), refused: () => undefined };
    const options = saslOptions({ mechanism: 'oauthbearer', tokens: source });
    for (const answer of ['', new Error('refused')]) {
      expect(await authenticate(options, [answer])).toEqual({ said: ['\u0001'], error: failure });
    }
  });

  test('when the broker refuses it by an error, then the token is not used again', async () => {
    const { options, refused } = tokens();
    const ending = new Error('refused');
    expect((await authenticate(options, [ending])).error).toBe(ending);
    expect(refused).toEqual(['t0k3n']);
  });
});

describe('given AWS credentials in the environment', () => {
  test('when MSK asks for a token, then one is signed for the region, without any call to AWS', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
    onTestFinished(() => void vi.unstubAllEnvs());
    const options = saslOptions({ mechanism: 'aws-msk-iam', region: 'eu-west-1' });
    expect(options.mechanism).toBe('oauthbearer');
    const { said } = await authenticate(options, ['']);
    const [, value = ''] = /^n,,\u0001auth=Bearer ([\w-]+)\u0001\u0001$/.exec(said[0] ?? '') ?? [];
    const url = new URL(Buffer.from(value, 'base64url').toString());
    expect(url.hostname).toBe('kafka.eu-west-1.amazonaws.com');
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKIDEXAMPLE\/.*\/eu-west-1\/kafka-cluster\//);
    expect(value).not.toContain('example');
  });
});
