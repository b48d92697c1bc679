import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { findDifference } from './find-difference.ts';

const USAGE = 'npm run test:model -- [COUNT, default 10000000] [FIRST, default 0]';
const AT_ONCE = 10_000;

const [count = 10_000_000, first = 0, isPart = 0] = process.argv.slice(2).map(Number);
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(first) || count < 1 || first < 0) {
  console.error(USAGE);
  process.exit(2);
}
if (isPart === 1) tryPart();
else await tryAll();

/** Shares the histories among all cores. */
async function tryAll(): Promise<void> {
  const startedAt = performance.now();
  const parts = availableParallelism();
  const size = Math.ceil(count / parts);
  const children = Array.from({ length: parts }, (_, part) =>
    fork(import.meta.filename, [String(size), String(first + part * size), '1']),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit')) as [number]));
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = Math.round((size * parts) / seconds).toLocaleString('en');
  console.log(`${(size * parts).toLocaleString('en')} histories, ${rate} a second`);
  process.exitCode = codes.every(([code]) => code === 0) ? 0 : 1;
}

function tryPart(): void {
  for (let from = first; from < first + count; from += AT_ONCE) {
    const difference = findDifference(from, Math.min(from + AT_ONCE, first + count));
    if (difference === null) continue;
    console.error(difference);
    process.exitCode = 1;
    return;
  }
}
