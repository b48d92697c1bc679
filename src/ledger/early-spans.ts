import type { OpenSpan, Span, SpanChanges } from '../records/record.ts';

/** The spans that were opened while the ledger had not been read, by ledger key. */
export interface EarlySpans {
  /** What a sample opened of an owner, and what is open after it. */
  note(key: string, spans: Pick<SpanChanges, 'open' | 'opened'>): void;
  of(key: string): {
    /** All since the start, whether they are closed by now or not; null: they were too many to remember. */
    readonly opened: readonly Span[] | null;
    readonly open: readonly OpenSpan[];
  };
}

/** A ledger may be forbidden for good. Of more spans than these, it is not remembered which they were. */
const MOST_SPANS = 200_000;

export function createEarlySpans(): EarlySpans {
  const owners = new Map<string, { readonly opened: Map<string, Span>; open: readonly OpenSpan[] }>();
  let count = 0;
  return {
    note(key, { opened, open }) {
      const all = owners.get(key)?.opened ?? new Map<string, Span>();
      owners.set(key, { opened: all, open: open() });
      if (count > MOST_SPANS) return;
      for (const span of opened) {
        const id = identify(span);
        if (all.has(id)) continue;
        all.set(id, span);
        count += 1;
      }
      if (count > MOST_SPANS) for (const each of owners.values()) each.opened.clear();
    },
    of(key) {
      const owner = owners.get(key);
      if (owner === undefined) return { opened: [], open: [] };
      return { opened: count > MOST_SPANS ? null : [...owner.opened.values()], open: owner.open };
    },
  };
}

function identify({ subject: { kind, topic, partition, owner, clientId }, metric }: Span): string {
  return JSON.stringify([metric, kind, topic, partition, owner, clientId]);
}
