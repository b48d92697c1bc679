import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { endlessString } from './support/broken-answers.ts';
import { handOver } from './support/fault-row.ts';
import { inForm } from './support/form.ts';
import { setStdoutScene } from './support/stdout-scene.ts';
import { CLUSTER } from './support/ticking-burrow.ts';

/** A sidecar at rest has a tenth of it; twenty answers of the largest size side by side take half as much again. */
const MOST_MEGABYTES = 1000;

describe('given a Burrow with many groups', () => {
  const cleanups = createCleanups();
  afterAll(() => cleanups.run());

  const read = { megabytes: 60, what: 'all of it read' };
  const cutOff = { megabytes: 64, what: 'cut off where it exceeds 64 MB' };

  test.for(inForm({ short: [read], full: [read, cutOff] }))(
    'when every answer has $megabytes MB, then memory stays bounded',
    async ({ megabytes, what }, { task }) => {
      // On a busy machine a gigabyte takes longer than the deadline of a request.
      const scene = await setStdoutScene({ groups: inForm({ short: 8, full: 20 }) }, cleanups.add);
      const { burrow, sidecar } = scene;
      await scene.flows();
      burrow.faults.set('', endlessString(megabytes));
      const failures = inForm({ short: 5, full: 200 });
      await scene.until(
        'huge answers',
        async () =>
          (await scene.count('exceptions_total', { cluster: CLUSTER, kind: 'burrowInvalid' })) >= failures,
      );
      const { status, parts } = await sidecar.health();
      burrow.faults.clear();
      await scene.until('health', async () => (await sidecar.health()).status === 'ok');
      await scene.flows();
      const peak = await peakMegabytes(sidecar.pid);
      const ending = await scene.end();
      handOver(task, ending.row(`${megabytes} MB of answer, ${what}`, `${peak} MB of memory at most`));
      // Answers that came too late for the sidecar, because this process was busy with the large ones, are not missed.
      expect(ending).toMatchObject({ duplicates: [], danglingSpans: 0, faults: [] });
      expect(ending.delivered).toBe(ending.taken);
      expect(peak).toBeLessThan(MOST_MEGABYTES);
      expect(status).toBe('degraded');
      expect(parts[0]?.reason).toBeDefined();
    },
  );
});

/** The most memory that the process has ever had. */
async function peakMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}
