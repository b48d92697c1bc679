import type { z } from 'zod';
import { optionalUrl } from '../../config/setting/addresses.ts';
import type { Judge } from '../../config/setting/judge.ts';
import { resolveSecret } from '../../config/setting/resolve-secrets.ts';
import { resolveCaFile } from '../../config/setting/resolve-tls.ts';
import { live, optionalChoice, optionalText, section } from '../../config/setting/setting.ts';

/** `kafka.sasl`. */
export const saslSection = section({
  mechanism: optionalChoice(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer', 'aws-msk-iam'], {
    description: 'How to log in to the brokers; empty: not at all',
  }),
  username: live(optionalText('text', { description: 'For plain and scram' })),
  password: live(
    optionalText('secret', {
      description: 'For plain and scram; passwordFile keeps it out of this file',
    }),
  ),
  passwordFile: live(optionalText('path', { description: 'File that holds the password' })),
  tokenEndpoint: live(
    optionalUrl({
      description: 'For oauthbearer: where to get tokens, by the client credentials grant of OAuth 2',
    }),
  ),
  tokenEndpointCaFile: live(
    optionalText('path', {
      description: 'Certificate authorities of the token endpoint, PEM; empty: those of Node.js',
    }),
  ),
  clientId: live(optionalText('text', { description: 'For oauthbearer: who asks for the tokens' })),
  clientSecret: live(
    optionalText('secret', {
      description: 'Its secret; clientSecretFile keeps it out of this file',
    }),
  ),
  clientSecretFile: live(optionalText('path', { description: 'File that holds the secret of the client' })),
  scope: live(
    optionalText('text', {
      description: 'For oauthbearer: scopes to ask for, with spaces between them; empty: none',
    }),
  ),
  region: optionalText('text', { description: 'For aws-msk-iam: the AWS region, such as us-east-1' }),
});

/** How to log in to the brokers, complete. */
export type SaslConfiguration =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string }
  | {
      readonly mechanism: 'oauthbearer';
      /** http or https, without credentials. */
      readonly tokenEndpoint: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope?: string;
      /** Authorities of the endpoint; absent: those of Node. */
      readonly tokenEndpointCaFile?: string;
    };

type Sasl = z.output<typeof saslSection>;
type Mechanism = NonNullable<Sasl['mechanism']>;
type Key = Exclude<keyof Sasl, 'mechanism'>;

const MECHANISM = ['kafka', 'sasl', 'mechanism'];
const TLS_ENABLED = ['kafka', 'tls', 'enabled'];
const PASSWORD_KEYS: readonly Key[] = ['username', 'password', 'passwordFile'];

/** What each mechanism looks at; the rest of `kafka.sasl` must not be set beside it. */
const USED: Readonly<Record<Mechanism, readonly Key[]>> = {
  plain: PASSWORD_KEYS,
  'scram-sha-256': PASSWORD_KEYS,
  'scram-sha-512': PASSWORD_KEYS,
  'aws-msk-iam': ['region'],
  oauthbearer: [
    'tokenEndpoint',
    'tokenEndpointCaFile',
    'clientId',
    'clientSecret',
    'clientSecretFile',
    'scope',
  ],
};

/** How to log in to the brokers; null: not at all. Reports what is missing or would be ignored. */
export function resolveSasl(judge: Judge, sasl: Sasl, hasTls: boolean): SaslConfiguration | null {
  const { mechanism, ...rest } = sasl;
  const given = (Object.keys(rest) as Key[]).filter((key) => rest[key] !== undefined);
  if (mechanism === undefined) {
    if (given.length > 0) {
      const rule = `must be set where kafka.sasl.${given.join(', ')} is`;
      judge.report(MECHANISM, rule, 'plain, scram-sha-256, scram-sha-512, oauthbearer or aws-msk-iam');
    }
    return null;
  }
  for (const key of given.filter((candidate) => !USED[mechanism].includes(candidate))) {
    const hint = 'remove it, or change kafka.sasl.mechanism';
    judge.report(['kafka', 'sasl', key], `is not used by mechanism ${mechanism}`, hint, MECHANISM);
  }
  switch (mechanism) {
    case 'aws-msk-iam':
      return resolveMskIam(judge, sasl, hasTls);
    case 'oauthbearer':
      return resolveOauthBearer(judge, sasl);
    default:
      return resolvePassword(judge, sasl, mechanism);
  }
}

function missing(judge: Judge, key: Key, mechanism: Mechanism, hint: string): null {
  judge.report(['kafka', 'sasl', key], `must be set for mechanism ${mechanism}`, hint, MECHANISM);
  return null;
}

function resolveMskIam(judge: Judge, { region }: Sasl, hasTls: boolean): SaslConfiguration | null {
  const mechanism = 'aws-msk-iam';
  if (!hasTls) {
    const rule = `must be true for mechanism ${mechanism}`;
    judge.report(TLS_ENABLED, rule, 'set kafka.tls.enabled: true', MECHANISM);
  }
  if (region === undefined)
    return missing(judge, 'region', mechanism, 'such as kafka.sasl.region: us-east-1');
  return { mechanism, region };
}

function resolvePassword(
  judge: Judge,
  sasl: Sasl,
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512',
): SaslConfiguration | null {
  const { username } = sasl;
  const password = resolveSecret(judge, ['kafka', 'sasl', 'password'], sasl.password, sasl.passwordFile);
  if (username === undefined) missing(judge, 'username', mechanism, 'set kafka.sasl.username');
  if (password === undefined && sasl.passwordFile === undefined) {
    const hint = 'set kafka.sasl.passwordFile or RAINBOW_KAFKA_SASL_PASSWORD';
    missing(judge, 'password', mechanism, hint);
  }
  return username === undefined || password === undefined ? null : { mechanism, username, password };
}

function resolveOauthBearer(judge: Judge, sasl: Sasl): SaslConfiguration | null {
  const mechanism = 'oauthbearer';
  const { tokenEndpoint, clientId, scope, clientSecretFile } = sasl;
  const secretPath = ['kafka', 'sasl', 'clientSecret'] as const;
  const clientSecret = resolveSecret(judge, [...secretPath], sasl.clientSecret, clientSecretFile);
  if (tokenEndpoint === undefined) {
    const hint = 'such as kafka.sasl.tokenEndpoint: https://login.example.com/oauth2/token';
    missing(judge, 'tokenEndpoint', mechanism, hint);
  }
  if (clientId === undefined) missing(judge, 'clientId', mechanism, 'set kafka.sasl.clientId');
  if (clientSecret === undefined && clientSecretFile === undefined) {
    const hint = 'set kafka.sasl.clientSecretFile or RAINBOW_KAFKA_SASL_CLIENT_SECRET';
    missing(judge, 'clientSecret', mechanism, hint);
  }
  const caPath = ['kafka', 'sasl', 'tokenEndpointCaFile'];
  const tokenEndpointCaFile = resolveCaFile(judge, caPath, sasl.tokenEndpointCaFile);
  if (tokenEndpointCaFile !== undefined && tokenEndpoint?.startsWith('http:') === true) {
    judge.report(
      ['kafka', 'sasl', 'tokenEndpoint'],
      'must begin with https:// where tokenEndpointCaFile is set',
      'change the URL or remove the file',
    );
  }
  if (tokenEndpoint === undefined || clientId === undefined || clientSecret === undefined) return null;
  return {
    mechanism,
    tokenEndpoint,
    clientId,
    clientSecret,
    ...(scope !== undefined && { scope }),
    ...(tokenEndpointCaFile !== undefined && { tokenEndpointCaFile }),
  };
}
