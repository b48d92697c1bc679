import { expect, type TestContext } from 'vitest';
import { handOver } from './fault-row.ts';
import type { Ending, Scene } from './scene.ts';
import type { ReadRecord } from '../../integration/support/wavefront-reader.ts';

/** What an ending is where nothing was lost, repeated, left open or kept quiet. */
const WHOLE = { missing: [], duplicates: [], danglingSpans: 0, faults: [], dropped: 0, untold: [] };

/**
 * Ends a case whose fault is over: records have to flow without a restart, the health check to be good, and the topic to
 * hold every sample that was taken, once.
 *
 * @param row of the table: the fault, and a few words
 * @param before what the topic had when it was read back before, and has no more
 */
export async function endWell(
  scene: Scene,
  task: TestContext['task'],
  row: readonly [fault: string, note: string],
  before: readonly ReadRecord[] = [],
): Promise<Ending> {
  await scene.flows();
  await scene.until('the health check to be good', async () => (await scene.reason()) === '');
  const ending = await scene.end(before);
  const [fault, note] = row;
  handOver(task, ending.row(fault, [note, `faults told: ${ending.counted}`].filter(Boolean).join(', ')));
  expect(ending).toMatchObject(WHOLE);
  expect(ending.delivered).toBe(ending.taken);
  return ending;
}
