import { createParser } from 'eventsource-parser';
import type { EventData, EventKind } from '../../http/api/contract/events.ts';
import { RefusalError, type ApiClient } from './api-client.ts';

/** One event of the sidecar. */
export type LiveEvent = {
  [Kind in EventKind]: { readonly kind: Kind; readonly data: EventData[Kind] };
}[EventKind];

/** The state of the stream. Times are those of the reader's clock. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | {
      readonly state: 'lost';
      readonly lastHeardMs: number | null;
      readonly reason: string;
      readonly retryAtMs: number;
    }
  | { readonly state: 'refused'; readonly reason: string };

export interface EventStream {
  /** Tries at once, where it waits for the next try or for a token. */
  retry(): void;
  stop(): void;
}

export interface EventStreamDeps {
  readonly api: Pick<ApiClient, 'events'>;
  readonly onEvent: (event: LiveEvent) => void;
  readonly onConnection: (connection: Connection) => void;
}

/** The sidecar sends something every 15 s: a stream that is silent for longer is dead. */
const SILENCE_MS = 35_000;
const LISTEN_EVERY_MS = 1000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
/** Enough for an event with all rows of a snapshot and the longest names. */
const MOST_CHARACTERS = 64 * 1024 * 1024;
const KINDS: ReadonlySet<string> = new Set<EventKind>(['reset', 'groups', 'traffic', 'health']);

interface Clocks {
  readonly wallMs: number;
  readonly steadyMs: number;
}

function readClocks(): Clocks {
  return { wallMs: Date.now(), steadyMs: performance.now() };
}

/** By the clock that went further: one stands still while a computer sleeps, the other may be set back. */
function msSince({ wallMs, steadyMs }: Clocks): number {
  const now = readClocks();
  return Math.max(now.wallMs - wallMs, now.steadyMs - steadyMs);
}

/** Reads the events for ever. After any break it continues after the last event that it saw. */
export function createEventStream({ api, onEvent, onConnection }: EventStreamDeps): EventStream {
  const ending = new AbortController();
  let lastEventId: string | null = null;
  let lastHeardMs: number | null = null;
  let retryMs = FIRST_RETRY_MS;
  let wake: () => void = () => undefined;

  async function readOnce(): Promise<void> {
    const cut = new AbortController();
    const signal = AbortSignal.any([ending.signal, cut.signal]);
    let heardAt = readClocks();
    const heard = (): void => {
      heardAt = readClocks();
      lastHeardMs = Date.now();
    };
    const silence = setInterval(() => {
      if (msSince(heardAt) >= SILENCE_MS) cut.abort(new Error('nothing came for 35 s'));
    }, LISTEN_EVERY_MS);
    const parser = createParser({
      maxBufferSize: MOST_CHARACTERS,
      onEvent({ event = '', id, data }) {
        if (KINDS.has(event)) onEvent({ kind: event, data: JSON.parse(data) as unknown } as LiveEvent);
        lastEventId = id ?? lastEventId;
      },
      onError: (error) => cut.abort(error),
    });
    try {
      const body = await api.events(lastEventId, signal);
      heard();
      retryMs = FIRST_RETRY_MS;
      onConnection({ state: 'live' });
      const decoder = new TextDecoder();
      for await (const chunk of body) {
        heard();
        parser.feed(decoder.decode(chunk, { stream: true }));
      }
      throw new Error('the sidecar ended the stream');
    } catch (error) {
      throw cut.signal.aborted ? (cut.signal.reason as Error) : error;
    } finally {
      clearInterval(silence);
    }
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = () => undefined;
  }

  async function read(): Promise<void> {
    onConnection({ state: 'connecting' });
    for (;;) {
      try {
        await readOnce();
      } catch (error) {
        if (ending.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (error instanceof RefusalError && error.status === 401) {
          onConnection({ state: 'refused', reason });
          await pause(2 ** 31 - 1);
          onConnection({ state: 'connecting' });
          continue;
        }
        const waitMs = error instanceof RefusalError ? (error.retryAfterMs ?? retryMs) : retryMs;
        onConnection({ state: 'lost', lastHeardMs, reason, retryAtMs: Date.now() + waitMs });
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
        await pause(waitMs);
      }
    }
  }

  const retry = (): void => wake();
  window.addEventListener('online', retry);
  void read();
  return {
    retry,
    stop() {
      window.removeEventListener('online', retry);
      ending.abort();
      wake();
    },
  };
}
