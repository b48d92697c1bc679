import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cutTornLine } from '../../../src/sinks/file/torn-line.ts';

async function cut(content: string | null): Promise<{ cutBytes: number; left: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'rainbow-torn-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'lag.txt');
  if (content !== null) await writeFile(path, content);
  const cutBytes = await cutTornLine(path);
  return { cutBytes, left: await readFile(path, 'utf8') };
}

describe('given a file that a former process wrote', () => {
  test.each([
    ['ends with a whole line', 'a 1\nb 2\n', 'a 1\nb 2\n'],
    ['ends in the middle of a line', 'a 1\nb 2\nc', 'a 1\nb 2\n'],
    ['holds nothing but a torn line', 'a 1', ''],
    ['is empty', '', ''],
    [
      'is long, and torn long after its last whole line',
      `${'a'.repeat(200_000)}\n${'x'.repeat(90_000)}`,
      `${'a'.repeat(200_000)}\n`,
    ],
    [
      'is long, and torn after a short one',
      `${'a'.repeat(200_000)}\nb 2\nc`,
      `${'a'.repeat(200_000)}\nb 2\n`,
    ],
    // What is read at once begins with the newline.
    ['ends in a torn line of 64 KiB less one', `a 1\n${'x'.repeat(65_535)}`, 'a 1\n'],
    ['ends in a line longer than what is read at once', `a 1\n${'x'.repeat(200_000)}`, 'a 1\n'],
  ])('when it %s, then whole lines are left', async (_, content, left) => {
    expect(await cut(content)).toEqual({ left, cutBytes: content.length - left.length });
  });

  test('when it does not exist, then it is made', async () => {
    expect(await cut(null)).toEqual({ cutBytes: 0, left: '' });
  });
});
