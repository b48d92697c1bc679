import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLevelStore } from '../../src/store/level-store.ts';
import { openDisk } from '../outbox/disk-harness.ts';
import { linesOf } from '../outbox/sample-of.ts';

const KILLS = 12;
const script = new URL('spooling-process.ts', import.meta.url).pathname;

/** Runs the process until it has written for so long, kills it, and returns what it said. */
async function runAndKill(path: string, forMs: number): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8');
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), forMs));
  child.stdout.on('data', (text: string) => (said += text));
  await new Promise((resolve) => child.once('close', resolve));
  return said;
}

describe('given a process that puts samples on disk and is killed', () => {
  test('when the next one opens the store, then all that was safe is there, whole and in order', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rainbow-killed-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'spool');
    const safe = new Set<number>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const said = await runAndKill(path, Math.random() * 150);
      for (const [, sign, serial] of said.matchAll(/([+-]) (\d+)\n/g)) {
        if (sign === '+') safe.add(Number(serial));
        else safe.delete(Number(serial));
      }
    }
    const disk = await openDisk(openLevelStore, { path });
    onTestFinished(() => disk.close());
    expect(disk.opened.contents?.missingChunks).toBe(0);
    const read: number[] = [];
    for (let done = await disk.read(); done !== null; done = await disk.read()) {
      read.push(done.chunk.serial);
      const lines = (done.read ?? []).flatMap(({ sample }) => linesOf(sample));
      expect(lines.map((line) => line.length > 3)).toEqual([expect.any(Boolean), true]);
      await disk.deliver(1);
    }
    expect(read).toEqual(read.toSorted((a, b) => a - b));
    expect([...safe].filter((serial) => !read.includes(serial))).toEqual([]);
    expect(safe.size).toBeGreaterThan(KILLS);
  });
});
