import { abortable, within } from '../../platform/abortable.ts';
import type { LedgerWriter, SharedNumbers } from './ledger-writer.ts';

/** Removing signs at the end is not worth more of the time that is left for stopping. */
const REMOVING_MS = 2000;

/** The signs of life of a source, and the numbers that its processes write them under, one after the other. */
export interface LedgerSigns {
  /** See `Ledger`. */
  beat(key: string, value: string, signal: AbortSignal): Promise<{ readonly isContested: boolean }>;
  /** Another process has written under our numbers. */
  fenced(): void;
  /**
   * Goes on with the numbers of the process before: what that has sent and the network delivers only now is refused
   * from here on, and what it delivered before is still read. Then `endKey` is appended, without a value.
   *
   * @returns false where there was none; nothing has been appended then
   */
  succeedFormer(entries: ReadonlyMap<string, string>, endKey: string, signal: AbortSignal): Promise<boolean>;
  /** Removes the signs that were given, so that others need not wait to find out. Never rejects. */
  stop(signal: AbortSignal): Promise<void>;
}

/** @param writerKey where the numbers are kept; '': nowhere */
export function createLedgerSigns(
  writer: Pick<LedgerWriter, 'append' | 'shared' | 'succeed'>,
  { writerKey }: { readonly writerKey: string },
): LedgerSigns {
  const given = new Set<string>();
  let fences = 0;
  return {
    /** A sign tells which numbers it was written under, so that the next process of the source goes on with them. */
    async beat(key, value, signal) {
      for (;;) {
        const told = writer.shared();
        const numbers =
          told === null || writerKey === '' ? [] : [[writerKey, writeSharedNumbers(told)] as const];
        const entries = new Map([[key, value], ...numbers]);
        for (const each of entries.keys()) given.add(each);
        await writer.append(entries, 'sign', signal);
        const now = writer.shared();
        if (told?.producerId === now?.producerId && told?.epoch === now?.epoch) break;
      }
      const isContested = fences > 0;
      fences = 0;
      return { isContested };
    },
    fenced: () => void (fences += 1),
    async succeedFormer(entries, endKey, signal) {
      const former = readSharedNumbers(entries.get(writerKey));
      if (former === null || writer.shared() !== null) return false;
      writer.succeed(former);
      await writer.append(new Map([[endKey, null]]), 'entries', signal);
      return true;
    },
    async stop(signal) {
      if (given.size === 0) return;
      const removals = new Map(Array.from(given, (key) => [key, null] as const));
      given.clear();
      await within(REMOVING_MS, signal, (soon) =>
        abortable(writer.append(removals, 'entries', soon), soon),
      ).catch(() => undefined);
    },
  };
}

function writeSharedNumbers({ producerId, epoch }: SharedNumbers): string {
  return JSON.stringify({ v: 1, producerId: String(producerId), epoch });
}

/** Null where there are none, or where they are not understood. */
function readSharedNumbers(value: string | undefined): SharedNumbers | null {
  const match = /^\{"v":1,"producerId":"(\d{1,18})","epoch":(\d{1,5})\}$/.exec(value ?? '');
  return match === null ? null : { producerId: BigInt(match[1] ?? 0), epoch: Number(match[2]) };
}
