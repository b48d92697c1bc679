import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { saslOptions } from '../../../src/sinks/kafka/kafka-sasl.ts';

describe('given a user name and a password', () => {
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'when the mechanism is %s, then it is kept',
    (mechanism) => {
      const sasl = { mechanism, username: 'rainbow', password: 'secret' };
      expect(saslOptions(sasl)).toEqual(sasl);
    },
  );
});

describe('given AWS credentials in the environment', () => {
  test('when MSK asks for a token, then one is signed for the region, without any call to AWS', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
    onTestFinished(() => void vi.unstubAllEnvs());
    const options = saslOptions({ mechanism: 'aws-msk-iam', region: 'eu-west-1' });
    if (options.mechanism !== 'oauthbearer') throw new Error(`unexpected ${options.mechanism}`);
    const { value } = await options.oauthBearerProvider();
    const url = new URL(Buffer.from(value, 'base64url').toString());
    expect(url.hostname).toBe('kafka.eu-west-1.amazonaws.com');
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKIDEXAMPLE\/.*\/eu-west-1\/kafka-cluster\//);
    expect(value).not.toContain('example');
  });
});
