import type { Mechanism, SASLOptions } from 'kafkajs';
import type { KafkaSasl } from './kafka-options.ts';
import { oauthBearer, type BearerTokens } from './oauth-bearer.ts';

/** Our setting as kafkajs wants it. MSK IAM is OAUTHBEARER with a token signed by AWS credentials. */
export function saslOptions(sasl: KafkaSasl): SASLOptions | Mechanism {
  if (sasl.mechanism === 'aws-msk-iam') return oauthBearer(mskTokens(sasl.region));
  if (sasl.mechanism === 'oauthbearer') return oauthBearer(sasl.tokens);
  const options: SASLOptions = sasl;
  return options;
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
