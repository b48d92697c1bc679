import { createSecureContext, type ConnectionOptions, type SecureContext } from 'node:tls';
import type { Logger } from 'pino';
import { Pool } from 'undici';
import { AnswerBuffers } from './answer-buffers.ts';
import type { GroupLag } from './answers.ts';
import type { BurrowClient } from './burrow-client.ts';
import { decodeGroupLag } from './decode-group-lag.ts';
import { decodeNames, decodeTopicOffsets } from './decode-lists.ts';
import type { AnswerHeaders } from './foreign-body.ts';
import { GroupLagScanner } from './fast/group-lag-scanner.ts';
import { MAX_PARTITIONS } from './json-shape.ts';
import { createLargeAnswers } from './large-answers.ts';
import { judgeBody } from './judge-answer.ts';
import type { Outcome } from './outcome.ts';
import { pooledGet } from './pooled-get.ts';
import { connectReusingBuffer } from './reused-buffer-socket.ts';
import { cancelled, deadlinePassed, judgeFailure } from './request-failure.ts';
import { requestPath } from './request-path.ts';
import { parseServerAddress } from './server-address.ts';
import { hasCode, RainbowError } from '../platform/rainbow-error.ts';

const DEFAULT_MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Longer than the default poll and discovery intervals, so that even one polled group keeps its connection. */
const KEEP_ALIVE_MS = 65_000;

/** What the client needs of its surroundings. */
export interface BurrowClientDeps {
  /** Arms the deadline of a request; the returned function disarms it. */
  readonly scheduler: { after(delayMs: number, run: () => void): () => void };
  /** Gets a warning when this undici is not the one that is known. Default: no warning. */
  readonly log?: Pick<Logger, 'warn'>;
}

const SILENT = { warn: () => undefined };

/** What lets a client in. */
export interface BurrowAccess {
  /** Basic auth; each of the two goes before its counterpart in the URL. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** As Node's own `tls.connect` takes them: PEM contents, not paths. */
  readonly tls?:
    | Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'servername' | 'checkServerIdentity'>
    | undefined;
}

/** A client whose access can change. */
export interface BurrowClientWithAccess extends BurrowClient {
  /**
   * Gets another access ready, and returns what makes it count: for the logins of all requests from then on, and for
   * the TLS of connections that are made from then on. Throws where the TLS material cannot be used.
   */
  prepare(access: BurrowAccess): () => void;
}

/** One Burrow server, and how to speak to it. */
export interface BurrowClientOptions extends BurrowAccess {
  /** Base URL; may have a path (Burrow behind a reverse proxy) and credentials, which are never shown. */
  readonly url: string;
  /** Default: host:port. */
  readonly name?: string | undefined;
  /** Deadline of one request, from the call to the last byte of the answer. Waiting for a free connection counts. */
  readonly timeoutMs: number;
  /** Connections at most, 1 or more, and so requests in flight; more of them wait their turn. */
  readonly connections: number;
  /** A larger answer is `invalid`, and no more of it than this is read. Default 64 MB. */
  readonly maxAnswerBytes?: number | undefined;
}

/**
 * A client of one Burrow server over one keep-alive pool. Connects with the first request, only ever sends GET, follows
 * no redirect and retries nothing. Throws, before anything is sent, when the URL or the TLS material cannot be used;
 * the message holds no credentials.
 */
export function createBurrowClient(
  deps: BurrowClientDeps,
  options: BurrowClientOptions,
): BurrowClientWithAccess {
  const address = parseServerAddress(options.url);
  const bounds = {
    timeoutMs: options.timeoutMs,
    maxAnswerBytes: options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES,
  };
  const headersFor = ({ username, password }: BurrowAccess) =>
    headersOf(username ?? address.username, password ?? address.password);
  const connectorFor = ({ tls }: BurrowAccess): ReturnType<typeof connectReusingBuffer> => {
    const { servername, checkServerIdentity } = tls ?? {};
    return connectReusingBuffer(
      { log: deps.log ?? SILENT },
      {
        timeout: options.timeoutMs,
        ...(tls !== undefined && { secureContext: secureContextOf(tls) }),
        ...(servername !== undefined && { servername }),
        ...(checkServerIdentity !== undefined && { checkServerIdentity }),
      },
    );
  };
  let connect = connectorFor(options);
  let headers = headersFor(options);
  const pool = new Pool(address.origin, {
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: bounds.maxAnswerBytes,
    connect: (target, callback) => connect(target, callback),
  });
  const getDeps = {
    pool,
    buffers: new AnswerBuffers(),
    large: createLargeAnswers(),
    scheduler: deps.scheduler,
  };

  const scanner = new GroupLagScanner();

  /** `read` turns a whole answer into an outcome; it must not throw, nor keep the body. */
  async function get<T>(
    segments: readonly string[],
    signal: AbortSignal,
    read: (statusCode: number, body: Buffer, headers: AnswerHeaders) => Outcome<T>,
  ): Promise<Outcome<T>> {
    const path = requestPath(address.prefix, segments);
    if (path === null) {
      return {
        kind: 'invalid',
        reason: 'a name that is empty, has a slash in it or is no valid Unicode cannot be asked for by URL',
      };
    }
    try {
      return await pooledGet(getDeps, { path, headers }, options.timeoutMs, signal, read);
    } catch (error) {
      if (signal.aborted) return cancelled();
      if (hasCode(error, 'BURROW_TIMEOUT')) return deadlinePassed(bounds);
      return judgeFailure(error, bounds);
    }
  }

  function readGroupLag(
    statusCode: number,
    body: Buffer,
    headers: AnswerHeaders,
    cluster: string,
    group: string,
  ): Outcome<GroupLag> {
    const scanned = statusCode === 200 ? scanner.scan(body, cluster, group) : null;
    if (scanned !== null && scanned.partitions.length <= MAX_PARTITIONS)
      return { kind: 'ok', value: scanned };
    return judgeBody(statusCode, body, headers, (json) => decodeGroupLag(json, cluster, group));
  }

  return {
    name: options.name ?? address.hostAndPort,
    clusters: (signal) => get(['v3', 'kafka'], signal, (...answer) => judgeNames(...answer, 'clusters')),
    groups: (cluster, signal) =>
      get(['v3', 'kafka', cluster, 'consumer'], signal, (...answer) => judgeNames(...answer, 'consumers')),
    topics: (cluster, signal) =>
      get(['v3', 'kafka', cluster, 'topic'], signal, (...answer) => judgeNames(...answer, 'topics')),
    groupLag: (cluster, group, signal) =>
      get(['v3', 'kafka', cluster, 'consumer', group, 'lag'], signal, (...answer) =>
        readGroupLag(...answer, cluster, group),
      ),
    topicOffsets: (cluster, topic, signal) =>
      get(['v3', 'kafka', cluster, 'topic', topic], signal, (...answer) =>
        judgeBody(...answer, decodeTopicOffsets),
      ),
    close: () => pool.destroy(),
    prepare(access) {
      const next = { connect: connectorFor(access), headers: headersFor(access) };
      return () => ({ connect, headers } = next);
    },
  };
}

function judgeNames(
  statusCode: number,
  body: Buffer,
  headers: AnswerHeaders,
  field: 'clusters' | 'consumers' | 'topics',
): Outcome<readonly string[]> {
  return judgeBody(statusCode, body, headers, (json) => decodeNames(json, field));
}

/** Done once and early: unusable TLS material should fail the start, not every request. */
function secureContextOf(tls: NonNullable<BurrowClientOptions['tls']>): SecureContext {
  try {
    const { ca, cert, key, passphrase } = tls;
    return createSecureContext({ ca, cert, key, passphrase });
  } catch (error) {
    throw new RainbowError(
      'BURROW_TLS',
      'the TLS certificate, key or CA of a Burrow server cannot be used; they must be PEM, and belong together',
      {
        cause: error,
      },
    );
  }
}

function headersOf(username: string, password: string): Readonly<Record<string, string>> {
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'burrow-rainbow',
  };
  if (username === '' && password === '') return headers;
  const basic = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  return { ...headers, authorization: `Basic ${basic}` };
}
