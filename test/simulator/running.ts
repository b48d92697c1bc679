import { onTestFinished } from 'vitest';
import type { Part } from '../../src/platform/part.ts';

/** Starts a part for the length of the test. */
export async function running<P extends Part>(part: P): Promise<P> {
  const { signal } = new AbortController();
  onTestFinished(() => part.stop(signal));
  await part.start(signal);
  return part;
}

/** A clock that stands still until it is set. */
export interface HandClock {
  nowMs(): number;
  advance(byMs: number): void;
}

export function handClock(startMs: number): HandClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance(byMs) {
      nowMs += byMs;
    },
  };
}

/** The parsed body of a 200, or of the status expected. */
export async function getJson(url: string, status = 200): Promise<unknown> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== status) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
