import { useEffect, useRef, useState } from 'preact/hooks';

/** The newest answer, and the error of the newest request where that failed. */
export interface Polled<T> {
  readonly data: T | null;
  readonly error: Error | null;
}

/**
 * Fetches when the key changes, and again with each new turn; one request at a time. Answers for another key are dropped
 * at once.
 */
export function usePolled<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  key: string,
  turn: unknown,
): Polled<T> {
  const [polled, setPolled] = useState<Polled<T> & { readonly key: string }>({
    key,
    data: null,
    error: null,
  });
  const asking = useRef<{ readonly key: string; readonly ending: AbortController; isWanted: boolean } | null>(
    null,
  );

  useEffect(() => {
    const underway = asking.current;
    if (underway !== null && underway.key === key) {
      underway.isWanted = true;
      return;
    }
    underway?.ending.abort();
    const own = { key, ending: new AbortController(), isWanted: true };
    const isOver = (): boolean => own.ending.signal.aborted;
    asking.current = own;
    void (async () => {
      while (own.isWanted && !isOver()) {
        own.isWanted = false;
        try {
          const data = await ask(own.ending.signal);
          if (!isOver()) setPolled({ key, data, error: null });
        } catch (caught) {
          if (isOver()) return;
          const error = caught instanceof Error ? caught : new Error(String(caught));
          setPolled((before) => ({ key, data: before.key === key ? before.data : null, error }));
        }
      }
      if (asking.current === own) asking.current = null;
    })();
  }, [key, turn]);
  useEffect(() => () => asking.current?.ending.abort(), []);

  return polled.key === key ? polled : { data: null, error: null };
}
