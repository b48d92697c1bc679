import type { SASLOptions } from 'kafkajs';
import type { KafkaSasl } from './kafka-options.ts';

/** Our setting as kafkajs wants it. MSK IAM is OAUTHBEARER with a token signed by AWS credentials. */
export function saslOptions(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism !== 'aws-msk-iam') return sasl;
  const { region } = sasl;
  return {
    mechanism: 'oauthbearer',
    // Asked at each (re)authentication, so a token that has expired is never used. Loaded only here: the AWS
    // libraries are large, and most clusters do without.
    oauthBearerProvider: async () => {
      const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js');
      const { token } = await generateAuthToken({ region });
      return { value: token };
    },
  };
}
