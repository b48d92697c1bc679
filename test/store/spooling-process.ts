/**
 * Puts samples on disk in the folder that it is given until it is killed, and says on standard output what is safe:
 * `+ 7` when chunk 7 is on disk, `- 3` before chunk 3 is removed.
 */
import { openLevelStore } from '../../src/store/level-store.ts';
import { openDisk } from '../outbox/disk-harness.ts';
import { sampleOf } from '../outbox/sample-of.ts';

const disk = await openDisk(openLevelStore, { path: process.argv[2] ?? '' });
for (let turn = 0; ; turn += 1) {
  const lines = [`0 ${turn}`, `v ${'x'.repeat(20_000)}`];
  for (const done of await disk.append([sampleOf('c/g', lines, turn)], turn)) {
    if (done.do === 'write') process.stdout.write(`+ ${done.gathered.chunk.serial}\n`);
  }
  if (turn % 3 !== 2) continue;
  const done = await disk.read();
  if (done === null) continue;
  process.stdout.write(`- ${done.chunk.serial}\n`);
  await disk.deliver(1);
}
