import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const ROOT = new URL('../..', import.meta.url).pathname;
const SMALL = '--groups 5 --partitions 10 --warm-up 1 --windows 1 --seconds 2 --limit-rounds 1 --json'.split(
  ' ',
);

function bench(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return run('npm', ['run', '--silent', 'bench', '--', ...args], { cwd: ROOT });
}

describe('given the benchmarks', () => {
  test('when quiet and busy run at a small size, then each ends with its line of JSON', async () => {
    const { stdout } = await bench('quiet', 'busy', ...SMALL);

    const lines = stdout.trimEnd().split('\n');
    const results = lines.slice(-2).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(results.map((result) => result['bench'])).toEqual(['quiet', 'busy']);
    for (const result of results) {
      expect(result).toMatchObject({ groups: 5, partitions: 10, failedPolls: 0, droppedRecords: 0 });
      for (const name of ['ratio', 'parseMicros', 'microsAPartition', 'corePercent', 'maxRssMegabytes']) {
        expect(result[name], name).toBeGreaterThan(0);
      }
      for (const name of ['machine', 'node', 'commit']) expect(result[name], name).toMatch(/./u);
    }
    // Three records and the lag in seconds of each partition; the newest ones may still be on their way.
    expect(results[1]?.['recordsAPartition']).toBeGreaterThan(2);
    expect(lines[0]).toMatch(/^bench +what +figure +target$/u);
  }, 300_000);

  test('when a benchmark is named that there is not, then the names that there are are told', async () => {
    const named = bench('quite');

    await expect(named).rejects.toThrow(/there is no benchmark quite; there are quiet, busy/u);
  });
});
