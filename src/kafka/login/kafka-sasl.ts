import type { Mechanism, SASLOptions } from 'kafkajs';
import type { KafkaSasl } from '../kafka-options.ts';
import { oauthBearer, type BearerTokens } from './oauth-bearer.ts';

/**
 * Our setting as kafkajs wants it. MSK IAM is OAUTHBEARER with a token signed by AWS credentials.
 *
 * @param now what holds at each login; of the same mechanism
 */
export function saslOptions(
  sasl: KafkaSasl,
  now: () => KafkaSasl | undefined = () => sasl,
): SASLOptions | Mechanism {
  switch (sasl.mechanism) {
    case 'aws-msk-iam':
      return oauthBearer(mskTokens(sasl.region));
    case 'oauthbearer': {
      const current = (): BearerTokens => sameKind(sasl, now()).tokens;
      return oauthBearer({
        token: () => current().token(),
        refused: (token) => current().refused(token),
      });
    }
    default: {
      // kafkajs keeps this very object, and reads both at each login.
      const options: SASLOptions = {
        mechanism: sasl.mechanism,
        get username() {
          return sameKind(sasl, now()).username;
        },
        get password() {
          return sameKind(sasl, now()).password;
        },
      };
      return options;
    }
  }
}

/** What holds now, unless it is of another kind, which no login of this one could use. */
function sameKind<S extends KafkaSasl>(sasl: S, now: KafkaSasl | undefined): S {
  return now?.mechanism === sasl.mechanism ? (now as S) : sasl;
}

function mskTokens(region: string): BearerTokens {
  return {
    // Signed at each (re)authentication, so that one that has expired is never used. Loaded only here: the AWS
    // libraries are large, and most clusters do without.
    async token() {
      const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js');
      return (await generateAuthToken({ region })).token;
    },
    refused: () => undefined,
  };
}
