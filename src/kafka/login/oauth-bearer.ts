import type { AuthenticationProviderArgs, Authenticator, Mechanism } from 'kafkajs';
import { RainbowError } from '../../platform/rainbow-error.ts';

/** What an authenticator needs of a source of tokens. */
export interface BearerTokens {
  /** One that is valid for a while; rejects with an error whose message says what to change. */
  token(): Promise<string>;
  /** This one was refused: the next must be another. */
  refused(token: string): void;
}

const SEPARATOR = '\u0001';
const SHOWN_STATUS = /^[\w.-]{1,64}$/;

/**
 * SASL OAUTHBEARER for kafkajs. That has one of its own, but 2.2.4 takes the broker's refusal for consent, since it
 * comes as an answer and not as an error: the next request then fails as if the connection had been lost. Source: RFC
 * 7628, sections 3.1 and 3.2.3.
 */
export function oauthBearer(tokens: BearerTokens): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }): Authenticator => ({
      async authenticate() {
        const token = await tokens.token().catch(async (error: unknown) => {
          // The broker waits for a token, and would take the next attempt on this connection for one.
          await say(saslAuthenticate, SEPARATOR).catch(() => undefined);
          throw error;
        });
        let refusal: string | null;
        try {
          refusal = await say(
            saslAuthenticate,
            `n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${SEPARATOR}`,
          );
        } catch (error) {
          // A broker that is on its way out says nothing of the token; another costs one request.
          tokens.refused(token);
          throw error;
        }
        if (refusal === null) return;
        tokens.refused(token);
        // Only then does the broker end the exchange, and the connection with it.
        const end: unknown = await say(saslAuthenticate, SEPARATOR).catch((error: unknown) => error);
        throw new RainbowError('KAFKA_TOKEN_REFUSED', `the brokers refused the token (${refusal})`, {
          remedy: "check its scope and audience, and the listener's settings",
          cause: end,
        });
      },
    }),
  };
}

/** Null when the broker takes the token, else why it does not. */
async function say(
  saslAuthenticate: AuthenticationProviderArgs['saslAuthenticate'],
  message: string,
): Promise<string | null> {
  const refusal = await saslAuthenticate<string | null>({
    request: {
      encode() {
        const size = Buffer.alloc(4);
        size.writeInt32BE(Buffer.byteLength(message));
        return Buffer.concat([size, Buffer.from(message)]);
      },
    },
    response: { decode: (answer) => answer.subarray(4), parse: readRefusal },
  });
  return refusal ?? null;
}

function readRefusal(answer: Buffer): string | null {
  if (answer.length === 0) return null;
  try {
    const { status } = JSON.parse(answer.toString('utf8')) as { readonly status?: unknown };
    return typeof status === 'string' && SHOWN_STATUS.test(status) ? status : 'no reason given';
  } catch {
    return 'no reason given';
  }
}
