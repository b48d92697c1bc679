import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { RainbowError } from '../../platform/rainbow-error.ts';
import type { BearerTokens } from './oauth-bearer.ts';

/** Where tokens are got, and for whom: the client credentials grant. Source: RFC 6749, section 4.4. */
export interface OauthClient {
  /** http or https, without credentials. */
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Absent: what the endpoint gives unasked. */
  readonly scope?: string | undefined;
  /** PEM contents: authorities to trust instead of Node's own. */
  readonly ca?: string | undefined;
  /** Deadline of one request. */
  readonly timeoutMs: number;
}

/**
 * A token is not handed out for the last minute of its life, or the last half of a short one. kafkajs authenticates
 * anew 10 s before the broker would ask for it, and brokers end a connection that does so twice in a second: with less
 * than those 10 s left it would, for every request.
 */
const MOST_MARGIN_MS = 60_000;
const LEAST_MARGIN_MS = 15_000;
/** Of a token that does not say. */
const UNKNOWN_LIFETIME_MS = 5 * 60_000;
const MAX_ANSWER_BYTES = 256 * 1024;

interface Held {
  readonly token: string;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * Tokens of one client. One is kept until shortly before it expires; whoever asks meanwhile gets the same, and those who
 * ask at once wait for one request. Where that fails, what is still valid serves on.
 */
export function createTokenSource(
  deps: { readonly monotonicMs: () => number },
  client: OauthClient,
): BearerTokens {
  let held: Held | null = null;
  let pending: Promise<Held> | null = null;

  async function fetchToken(): Promise<Held> {
    const askedAtMs = deps.monotonicMs();
    const { token, lifetimeMs } = await requestToken(client);
    const expiresAtMs = askedAtMs + lifetimeMs;
    const marginMs = Math.min(MOST_MARGIN_MS, Math.max(LEAST_MARGIN_MS, lifetimeMs / 2));
    return { token, expiresAtMs, renewAtMs: expiresAtMs - marginMs };
  }

  return {
    async token() {
      const nowMs = deps.monotonicMs();
      if (held !== null && nowMs < held.renewAtMs) return held.token;
      pending ??= fetchToken().finally(() => (pending = null));
      try {
        held = await pending;
      } catch (error) {
        if (held === null || deps.monotonicMs() >= held.expiresAtMs) throw error;
      }
      return held.token;
    },
    refused(token) {
      if (held?.token === token) held = null;
    },
  };
}

async function requestToken(
  client: OauthClient,
): Promise<{ readonly token: string; readonly lifetimeMs: number }> {
  const { origin, pathname } = new URL(client.tokenEndpoint);
  const where = `the token endpoint ${origin}${pathname}`;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(client.scope !== undefined && { scope: client.scope }),
  });
  const answer = await post(client, form.toString()).catch((error: unknown) => {
    throw new RainbowError('KAFKA_TOKEN_ENDPOINT', `${where} ${explainFailure(error, client)}`, {
      cause: error,
    });
  });
  const body = readJson(answer.body);
  if (answer.status !== 200) {
    throw new RainbowError('KAFKA_TOKEN_ENDPOINT', `${where} ${explainStatus(answer.status, body)}`);
  }
  const { access_token: token, token_type: type = 'bearer', expires_in: expiresIn } = body;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new RainbowError(
      'KAFKA_TOKEN_ENDPOINT',
      `${where} answered without a token: check that kafka.sasl.tokenEndpoint is the one for tokens`,
    );
  }
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    throw new RainbowError('KAFKA_TOKEN_ENDPOINT', `${where} gives tokens of another kind than bearer`);
  }
  return { token, lifetimeMs: lifetimeOf(expiresIn, token) };
}

/** As the answer says, else as the token itself does; no clock has to be right for either. */
function lifetimeOf(expiresIn: unknown, token: string): number {
  const seconds = Number(
    typeof expiresIn === 'string' && expiresIn !== '' ? expiresIn : (expiresIn ?? Number.NaN),
  );
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  const { exp, iat } = readJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const own = typeof exp === 'number' && typeof iat === 'number' ? (exp - iat) * 1000 : 0;
  return own > 0 ? own : UNKNOWN_LIFETIME_MS;
}

function post(
  { tokenEndpoint, clientId, clientSecret, ca, timeoutMs }: OauthClient,
  form: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const request = tokenEndpoint.startsWith('https:') ? requestTls : requestPlain;
  // Each part is encoded as in a form, or a colon would move from one to the other. Source: RFC 6749, section 2.3.1.
  const credentials = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  return new Promise((resolve, reject) => {
    const sent = request(
      tokenEndpoint,
      {
        method: 'POST',
        agent: false,
        ...(ca !== undefined && { ca }),
        headers: {
          authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(form),
          'user-agent': 'burrow-rainbow',
        },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_ANSWER_BYTES) response.destroy(new Error('its answer is too large'));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(form);
  });
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function explainFailure(error: unknown, { timeoutMs }: OauthClient): string {
  const [cause, message] = error instanceof Error ? [error.cause, error.message] : [undefined, String(error)];
  if (isTimeout(cause) || isTimeout(error)) {
    return `did not answer within ${timeoutMs / 1000} s: check that it is up, and the network`;
  }
  const code = codeOf(error);
  if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/.test(code)) {
    return 'has a certificate that is not trusted: set kafka.sasl.tokenEndpointCaFile to its authority';
  }
  if (code === 'CERT_HAS_EXPIRED') return 'has a certificate that has expired: renew it';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'has a certificate for another host: use the name in it in kafka.sasl.tokenEndpoint';
  }
  return `cannot be reached (${code || message}): check kafka.sasl.tokenEndpoint and the network`;
}

/** As `AbortSignal.timeout` ends a request. */
function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.code === DOMException.TIMEOUT_ERR;
}

/** Where all addresses of a host were tried in vain, the first one's. */
function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : '';
}

/** Source of the error codes: RFC 6749, section 5.2. What else an endpoint says of it may repeat what was sent. */
function explainStatus(status: number, { error }: Readonly<Record<string, unknown>>): string {
  const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? ` ${error}` : '';
  const said = `(${status}${code})`;
  if (error === 'invalid_scope') return `refused the scope ${said}: check kafka.sasl.scope`;
  if (status === 401 || status === 403 || code !== '') {
    return `refused the client ${said}: check kafka.sasl.clientId and clientSecretFile`;
  }
  if (status >= 300 && status < 400) {
    return `leads elsewhere ${said}: set kafka.sasl.tokenEndpoint to where tokens are given`;
  }
  if (status === 404 || status === 405) return `is none ${said}: check kafka.sasl.tokenEndpoint`;
  return `gives no token ${said}: look at its log`;
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
