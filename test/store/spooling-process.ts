/**
 * Appends to the spool in the folder that it is given until it is killed, and says on standard output what is safe:
 * `+ 7` when chunk 7 is on disk, `- 3` before chunk 3 is removed.
 */
import { openSpool } from '../../src/outbox/spool.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import { sampleOf } from '../outbox/sample-of.ts';

const store = await openLevelStore(process.argv[2] ?? '');
const { spool } = await openSpool(store);
for (let turn = 0; ; turn += 1) {
  const lines = [`0 ${turn}`, `v ${'x'.repeat(20_000)}`];
  const serial = await spool.append([{ sample: sampleOf('c/g', lines, turn), offeredMs: turn }]);
  process.stdout.write(`+ ${serial}\n`);
  if (turn % 3 !== 2) continue;
  const chunk = await spool.read();
  if (chunk === null) continue;
  process.stdout.write(`- ${chunk.serial}\n`);
  await spool.remove([chunk.serial]);
}
