import type { Logger } from 'pino';
import { abortedReading } from './aborted-reading.ts';
import { idleTimer } from './idle-timer.ts';
import { messageGrouping } from './message-grouping.ts';
import { kafkajsVersion, type KafkajsPatch } from './patch.ts';
import { produceRequest } from './produce-request.ts';

/** All patches of kafkajs, in the order in which they are applied: the last one needs the one before it. */
export const PATCHES: readonly KafkajsPatch[] = [idleTimer, abortedReading, produceRequest, messageGrouping];

/** Why a patch stands aside; null where it is applied. Patches are for the whole process, and so is this. */
const outcomes = new Map<KafkajsPatch, string | null>();

/**
 * Applies each patch, once a process. One that was made for other versions of kafkajs, or that does not find in it what
 * it relies on, stands aside, and the log says so once: everything works without it, but slower.
 */
export function applyPatches(
  deps: { readonly log: Pick<Logger, 'warn'> },
  patches: readonly KafkajsPatch[] = PATCHES,
  version: string = kafkajsVersion(),
): void {
  for (const patch of patches) {
    if (outcomes.has(patch)) continue;
    const reason = patch.versions.includes(version)
      ? tryOut(patch)
      : `it is for ${patch.versions.join(', ')}`;
    outcomes.set(patch, reason);
    if (reason === null) continue;
    deps.log.warn(
      { patch: patch.name, kafkajsVersion: version, reason, effect: patch.without },
      'A patch of kafkajs is not applied, because this kafkajs is not the one that it was made for: install the version in package-lock.json',
    );
  }
}

/** Whether a patch is applied; false before {@link applyPatches}. */
export function isApplied(patch: KafkajsPatch): boolean {
  return outcomes.get(patch) === null;
}

function tryOut(patch: KafkajsPatch): string | null {
  try {
    return patch.apply();
  } catch (error) {
    return String(error);
  }
}
