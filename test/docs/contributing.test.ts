import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readText } from './pages.ts';

interface Change {
  readonly kind: string;
  /** Paths; `*` stands for anything within a folder. */
  readonly files: readonly string[];
  /** Subject of the last commit that made one; '' where none has since the rows are there. */
  readonly commit: string;
}

/** The table of the document. */
function changes(): readonly Change[] {
  const rows = readText('CONTRIBUTING.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('`src/'));
  return rows.map((row) => {
    const [, kind = '', files = '', commit = ''] = row.split('|').map((cell) => cell.trim());
    return {
      kind,
      files: [...files.matchAll(/`(src\/[^`]+)`/g)].map(([, path = '']) => path),
      commit: commit.replaceAll('`', ''),
    };
  });
}

/** The source files that the commit changed; null where the history here does not reach back to it. */
function filesOf(subject: string): readonly string[] | null {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
    const [hash = ''] = git('log', '--fixed-strings', `--grep=${subject}`, '--format=%H').split('\n');
    return hash === '' ? null : git('show', '--format=', '--name-only', hash, '--', 'src').split('\n');
  } catch {
    return null;
  }
}

function isAmong(file: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.]/g, '[.]'));
    return new RegExp(`^${parts.join('[^/]*')}$`).test(file);
  });
}

describe('given the table of changes', () => {
  test('when its rows are counted, then each kind of change that is made again and again is there', () => {
    expect(changes().map(({ kind }) => kind)).toEqual([
      'destination',
      'wire format',
      'route',
      'Prometheus metric',
      'series metric',
      'configuration key',
      'exception kind',
      'followed kind',
    ]);
  });

  test.each(changes())('when a $kind is added, then the files are there whose row it is', ({ files }) => {
    for (const file of files.filter((path) => !path.includes('*'))) expect(existsSync(file), file).toBe(true);
  });

  test.each(changes().filter(({ commit }) => commit !== ''))(
    'when the last $kind was added, then no other file of the source had to change',
    ({ kind, files, commit }) => {
      const changed = filesOf(commit);
      if (changed === null) {
        console.warn(`Not looked up: the history here does not reach back to the last ${kind}, "${commit}".`);
        return;
      }
      console.info(`The last ${kind} took ${changed.length} files of the source.`);
      expect(changed.filter((file) => !isAmong(file, files))).toEqual([]);
    },
  );
});
