import { urlSegment } from '../route.ts';
import type { Machine } from '../../http/api/contract/machine.ts';
import type { GroupDetail } from '../../http/api/contract/group.ts';
import type { GroupList } from '../../http/api/contract/groups.ts';
import type { Overview } from '../../http/api/contract/overview.ts';
import type { Traffic } from '../../http/api/contract/traffic.ts';

/** The API refused a request. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly status: number;
  /** How long to wait before the next try, as the server said; null: it said nothing. */
  readonly retryAfterMs: number | null;

  constructor(status: number, message: string, retryAfterMs: number | null) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The read-only API of the sidecar that served this page. */
export interface ApiClient {
  overview(signal: AbortSignal): Promise<Overview>;
  /** In the order of cluster and group: it stays from one answer to the next. */
  groups(offset: number, signal: AbortSignal): Promise<GroupList>;
  group(cluster: string, group: string, signal: AbortSignal): Promise<GroupDetail>;
  traffic(signal: AbortSignal): Promise<Traffic>;
  machine(signal: AbortSignal): Promise<Machine>;
  /** The stream of events, after `lastEventId` where there is one. */
  events(lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/** The most groups in one answer. */
export const GROUPS_PER_ANSWER = 20_000;
const DEADLINE_MS = 20_000;

/** @param deps.token the bearer token; null: none is known */
export function createApiClient(deps: { readonly token: () => string | null }): ApiClient {
  async function ask(
    path: string,
    signal: AbortSignal,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const token = deps.token();
    const response = await fetch(`api/${path}`, {
      signal,
      cache: 'no-store',
      headers: { ...headers, ...(token !== null && { authorization: `Bearer ${token}` }) },
    });
    if (response.ok) return response;
    throw new RefusalError(response.status, await messageOf(response), retryAfterOf(response));
  }

  async function get<T>(path: string, signal: AbortSignal): Promise<T> {
    const response = await ask(path, AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]));
    return (await response.json()) as T;
  }

  return {
    overview: (signal) => get('overview', signal),
    groups: (offset, signal) =>
      get(`groups?sort=cluster&limit=${GROUPS_PER_ANSWER}&offset=${offset}`, signal),
    group: (cluster, group, signal) => get(`groups/${urlSegment(cluster)}/${urlSegment(group)}`, signal),
    traffic: (signal) => get('traffic', signal),
    machine: (signal) => get('machine', signal),
    async events(lastEventId, signal) {
      const { body } = await ask('events', signal, {
        accept: 'text/event-stream',
        ...(lastEventId !== null && { 'last-event-id': lastEventId }),
      });
      if (body === null) throw new Error('the stream of events has no body');
      return body;
    },
  };
}

async function messageOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') {
    return body.message;
  }
  return `HTTP ${response.status}`;
}

function retryAfterOf(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}
