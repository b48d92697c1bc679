import type { EncodedSample, SamplePlace } from '../records/encoded-sample.ts';

/** How far the deliveries of a source have come; kept in its ledger under `writeMarkKey`. */
export interface DeliveryMark {
  readonly v: 1;
  /** Of the last sample that has arrived, where the outbox has a disk. */
  readonly place?: SamplePlace;
  /** Which transaction has left it, where there are transactions. */
  readonly transaction?: { readonly process: string; readonly batch: number };
}

export function writeMark(facts: Omit<DeliveryMark, 'v'>): string {
  return JSON.stringify({ v: 1, ...facts } satisfies DeliveryMark);
}

/** Null where there is none, or where it is not understood. */
export function readMark(value: string | undefined): DeliveryMark | null {
  if (value === undefined) return null;
  try {
    const parsed = JSON.parse(value) as DeliveryMark | null;
    return parsed?.v === 1 ? parsed : null;
  } catch {
    return null;
  }
}

/** Whether what stands at a place has arrived with or before what the mark names. */
export function hasArrived(place: SamplePlace | undefined, mark: DeliveryMark | null): boolean {
  const last = mark?.place;
  if (place === undefined || last === undefined || place.store !== last.store) return false;
  return place.life < last.life || (place.life === last.life && place.index <= last.index);
}

/** The place of the last of these samples that has one. */
export function lastPlaceOf(samples: readonly EncodedSample[]): SamplePlace | undefined {
  return samples.findLast(({ place }) => place !== undefined)?.place;
}
