import { groupDetail, type GroupDetail } from '../http/api/contract/group.ts';
import { groupList, type GroupList } from '../http/api/contract/groups.ts';
import { overview, type Overview } from '../http/api/contract/overview.ts';
import { within } from '../platform/abortable.ts';
import { RainbowError } from '../platform/rainbow-error.ts';
import { secureGet, type Answer, type TopTls } from './secure-get.ts';

/** Which groups to fetch, and which part of the list. Blank and empty: all. */
export interface GroupsRequest {
  readonly sort: string;
  readonly order: 'asc' | 'desc';
  readonly statuses: readonly string[];
  readonly cluster: string | null;
  readonly search: string;
  readonly offset: number;
  readonly limit: number;
}

/** The part of a running sidecar's API that is needed here. Everything rejects with API_FAILED or API_UNKNOWN_GROUP. */
export interface TopApi {
  overview(signal: AbortSignal): Promise<Overview>;
  groups(request: GroupsRequest, signal: AbortSignal): Promise<GroupList>;
  group(cluster: string, group: string, signal: AbortSignal): Promise<GroupDetail>;
}

export interface TopApiOptions {
  /** Where the sidecar listens, without a slash at its end. */
  readonly url: string;
  readonly token?: string;
  /** Deadline of one answer. */
  readonly timeoutMs: number;
  /** For https, where Node's own authorities are not enough. */
  readonly tls?: TopTls;
}

const GROUP_PATH = 'groups/';

/** An answer as a schema of the contract reads it. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly { readonly code: string }[] } };
}

/** See {@link TopApi}. */
export function createTopApi({ url, token, timeoutMs, tls }: TopApiOptions): TopApi {
  const ask = (path: string, init: Parameters<typeof secureGet>[2]): Promise<Answer> =>
    tls === undefined ? fetch(`${url}/api/${path}`, init) : secureGet(`${url}/api/${path}`, tls, init);

  function get<T>(path: string, schema: Schema<T>, signal: AbortSignal): Promise<T> {
    return within(timeoutMs, signal, (soon) => getOnce(path, schema, soon));
  }

  async function getOnce<T>(path: string, schema: Schema<T>, signal: AbortSignal): Promise<T> {
    const response = await ask(path, {
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      signal,
    }).catch((error: unknown) => {
      throw new RainbowError('API_FAILED', describeFailure(error, timeoutMs), { cause: error });
    });
    const body: unknown = await response.json().catch((error: unknown) => {
      if (response.ok)
        throw new RainbowError('API_FAILED', strangeAnswer(error, timeoutMs), { cause: error });
      return null;
    });
    if (!response.ok)
      throw refusal(response.status, body, {
        hasToken: token !== undefined,
        isOfGroup: path.startsWith(GROUP_PATH),
      });
    return read(body, schema);
  }

  return {
    overview: (signal) => get('overview', overview, signal),
    groups({ sort, order, statuses, cluster, search, offset, limit }, signal) {
      const query = new URLSearchParams({ sort, order, offset: String(offset), limit: String(limit) });
      if (statuses.length > 0) query.set('status', statuses.join(','));
      if (cluster !== null) query.set('cluster', cluster);
      if (search !== '') query.set('search', search);
      return get(`groups?${query.toString()}`, groupList, signal);
    },
    group: (cluster, group, signal) =>
      get(`${GROUP_PATH}${encodeURIComponent(cluster)}/${encodeURIComponent(group)}`, groupDetail, signal),
  };
}

/** A newer sidecar may send more fields. */
function read<T>(body: unknown, schema: Schema<T>): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  if (result.error.issues.every(({ code }) => code === 'unrecognized_keys')) return body as T;
  throw new RainbowError('API_FAILED', 'its answer does not fit the API of this version of burrow-rainbow', {
    cause: result.error,
  });
}

function refusal(
  status: number,
  body: unknown,
  { hasToken, isOfGroup }: { readonly hasToken: boolean; readonly isOfGroup: boolean },
): RainbowError {
  const isOurs = typeof body === 'object' && body !== null && 'error' in body && 'message' in body;
  if (status === 401) {
    return hasToken
      ? new RainbowError('API_FAILED', 'it refuses the token')
      : new RainbowError('API_FAILED', 'it needs a token', { remedy: 'give --token-file' });
  }
  if (status === 403 && isOurs) {
    return new RainbowError('API_FAILED', 'it needs a client certificate of its authority', {
      remedy: 'give --cert-file and --key-file',
    });
  }
  if (status === 404 && isOurs && isOfGroup) {
    return new RainbowError('API_UNKNOWN_GROUP', 'it does not know this group (any more)');
  }
  if (status === 404 && isOurs) {
    return new RainbowError('API_FAILED', 'it has no API at this URL', {
      remedy: 'give --url without a path, unless a proxy needs one',
    });
  }
  const message = isOurs && typeof body.message === 'string' ? `: ${body.message}` : '';
  return new RainbowError(
    'API_FAILED',
    `it answers ${status}${message}${isOurs ? '' : ': is it a burrow-rainbow?'}`,
  );
}

function strangeAnswer(error: unknown, timeoutMs: number): string {
  return error instanceof SyntaxError
    ? 'its answer is no JSON: is it a burrow-rainbow?'
    : describeFailure(error, timeoutMs);
}

/** fetch puts the reason into the cause of its error; where several addresses failed, into the errors of that cause. */
function describeFailure(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const cause = error.cause ?? error;
  const innermost: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (!(innermost instanceof Error)) return error.message;
  const code = 'code' in innermost && typeof innermost.code === 'string' ? innermost.code : '';
  return REASONS[code] ?? (innermost.message || code || error.message);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be looked up now',
  EHOSTUNREACH: 'no route to that host',
  UND_ERR_SOCKET: 'the connection was cut',
  EPROTO: 'the TLS handshake failed: does it speak https?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the TLS handshake failed: does it speak https?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host, or another one than http.tls.certFile',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ...Object.fromEntries(
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((code) => [code, 'its certificate is not trusted: give its authority with --ca-file']),
  ),
};
