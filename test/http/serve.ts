import { connect } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { AppDeps } from '../../src/http/app.ts';
import type { HealthInputs } from '../../src/http/health-inputs.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import type { HttpServer, HttpServerOptions } from '../../src/http/http-server.ts';
import { systemScheduler } from '../../src/platform/clock.ts';
import { createApiSource } from './api-source.ts';

export const NOW_MS = 1_800_000_000_000;

export const LIMITS = {
  burrowSilentMs: 480_000,
  listsSilentMs: 1_200_000,
  sinkSilentMs: 300_000,
  dropMemoryMs: 600_000,
};

/** A sidecar that has run for an hour and has nothing to complain of. */
export const WELL: HealthInputs = {
  phase: 'running',
  startedAtMs: NOW_MS - 3_600_000,
  clockAheadMs: 0,
  hasNothingToSample: false,
  isBurrowSupervised: false,
  firstPolls: null,
  groupLimit: { maxGroups: 100_000, leftOutGroups: 0 },
  burrows: [
    {
      name: 'local',
      lastOkMs: NOW_MS - 1000,
      lastSampleMs: NOW_MS - 2000,
      lastError: null,
      sinceMs: NOW_MS - 3_600_000,
      silence: { durationMs: 1000, about: 'all' },
    },
  ],
  outbox: {
    condition: { state: 'ok', sinceMs: NOW_MS - 3_600_000 },
    waitingSamples: 0,
    waitingRecords: 0,
    waitingBytes: 0,
    diskBytes: 0,
    oldestWaitingMs: 0,
    silentMs: 0,
    unansweredMs: 0,
    lastAcknowledgedMs: NOW_MS - 3000,
    droppedSamples: 0,
    lastDropMs: null,
    dropsSinceMs: null,
  },
  ledger: null,
  sink: { name: 'kafka', condition: { state: 'ok', sinceMs: NOW_MS - 3_600_000 } },
};

export interface Served {
  readonly server: HttpServer;
  readonly url: string;
  readonly port: number;
  /** Calls in order: `wake cluster group`, `count outcome times`, `failed key`, `recovered key`, `log message`. */
  readonly calls: string[];
}

/** A server on a free port that ends with the test; every collaborator records what it is told. */
export async function serve(
  deps: Partial<AppDeps> = {},
  options: Partial<HttpServerOptions> = {},
): Promise<Served> {
  const calls: string[] = [];
  const log = pino(
    { level: 'error' },
    { write: (line) => calls.push(`log ${(JSON.parse(line) as { msg: string }).msg}`) },
  );
  const server = createHttpServer(
    {
      health: () => WELL,
      exposeMetrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
      wake: (cluster, group) => {
        calls.push(`wake ${cluster ?? '*'} ${group}`);
        return group.startsWith('unknown') ? [] : ['woken'];
      },
      countNotifier: (outcome, times) => calls.push(`count ${outcome} ${times}`),
      faults: {
        failed: (key) => calls.push(`failed ${key}`),
        recovered: (key) => calls.push(`recovered ${key}`),
      },
      heard: () => undefined,
      source: createApiSource(),
      dashboard: [],
      clock: { nowMs: () => NOW_MS },
      scheduler: systemScheduler,
      log,
      ...deps,
    },
    { host: '127.0.0.1', port: 0, version: '1.2.3', push: 'also', limits: LIMITS, ...options },
  );
  await server.start(new AbortController().signal);
  onTestFinished(() => server.stop(AbortSignal.timeout(1000)));
  const port = server.address()!.port;
  return { server, url: `http${options.tls === undefined ? '' : 's'}://127.0.0.1:${port}`, port, calls };
}

/** Sends bytes as they are and gives all that comes back until the other side closes. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text, 'latin1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'close');
  return answer;
}

/** Posts a body, a string as it is and anything else as JSON. */
export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
  });
}

/** A client that keeps to no rules; it is cut when the test ends. */
export interface RawClient {
  /** Bytes as they are, one for each character. */
  send(text: string): void;
  /** All that has come back so far. */
  received(): string;
  cut(): void;
  /** Resolves when the connection is closed for both sides. */
  readonly closed: Promise<void>;
}

/** Connects; with `stays` it leaves its own half of the connection open when the server closes the other. */
export async function connectRaw(port: number, { stays = false } = {}): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: stays });
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await once(socket, 'connect');
  // A cut is what many of these tests want to see; `closed` tells of it.
  socket.on('error', () => undefined);
  return {
    send: (text) => void socket.write(text, 'latin1'),
    received: () => received,
    cut: () => void socket.destroy(),
    closed,
  };
}

/** One answer, taken apart; header names are in lower case. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Takes apart answers that follow each other, each with a `Content-Length` or cut off at the end. */
export function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0) throw new Error(`not an answer: ${rest.toString().slice(0, 200)}`);
    const [statusLine = '', ...lines] = rest.subarray(0, headEnd).toString().split('\r\n');
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    const length = Number(headers.get('content-length') ?? 0);
    const bodyStart = headEnd + 4;
    answers.push({ status, headers, body: rest.subarray(bodyStart, bodyStart + length).toString() });
    rest = rest.subarray(bodyStart + length);
  }
  return answers;
}
