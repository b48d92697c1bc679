import { onTestFinished } from 'vitest';

/** One event as a reader gets it. */
export interface ReceivedEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

/** A stream of events that is being read. */
export interface EventReader {
  readonly response: Response;
  /** The next event that fits; rejects when the stream ends before. */
  next(fits?: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent>;
  /** Comment lines so far. */
  comments(): number;
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;
  /** Leaves. */
  leave(): void;
}

/** Reads events as the page does: with fetch, since an EventSource can send no token. */
export async function readEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(url, { headers, signal: abort.signal });
  const events: ReceivedEvent[] = [];
  let comments = 0;
  let wake: () => void = () => undefined;
  let isOver = false;

  async function read(): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) comments += 1;
        else events.push(parseEvent(block));
      }
      wake();
    }
  }

  const ended = read()
    .catch(() => undefined)
    .then(() => {
      isOver = true;
      wake();
    });
  return {
    response,
    ended,
    comments: () => comments,
    leave: () => abort.abort(),
    async next(fits = () => true) {
      for (;;) {
        const event = events.shift();
        if (event !== undefined && fits(event)) return event;
        if (event !== undefined) continue;
        if (isOver) throw new Error('the stream ended before the event came');
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

function parseEvent(block: string): ReceivedEvent {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  return {
    id: Number(fields.get('id')),
    event: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? 'null') as unknown,
  };
}
