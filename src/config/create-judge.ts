import { isAbsolute, resolve } from 'node:path';

import type { Fault } from './fault.ts';
import { folderOf, showOrigin, type Origins } from './origin.ts';
import { showValue } from './schema-faults.ts';
import type { Judge } from './setting/judge.ts';
import type { SettingPath } from './setting/setting.ts';
import { showPath } from './settings-list.ts';
import { valueAt, type Tree } from './tree.ts';

/** Whole text of a file; throws an error with Node's `code` where it cannot be read. */
export type ReadFile = (path: string) => string;

/** A judge, and what it has found. */
export interface JudgeWithFindings extends Judge {
  readonly faults: readonly Fault[];
  /** The text of each file that was read, by the key that names it. */
  readonly texts: ReadonlyMap<string, string>;
}

export function createJudge(deps: {
  readonly tree: Tree;
  readonly origins: Origins;
  /** Keys with faults of their own. */
  readonly faulty: readonly SettingPath[];
  readonly cwd: string;
  readonly readFile: ReadFile;
}): JudgeWithFindings {
  const { tree, origins, cwd } = deps;
  const faults: Fault[] = [];
  const texts = new Map<string, string>();
  const isFaulty = (path: SettingPath): boolean => deps.faulty.some((other) => overlap(path, other));

  const judge: JudgeWithFindings = {
    faults,
    texts,
    report(path, rule, hint, ...about) {
      if ([path, ...about].some(isFaulty)) return;
      const got = showValue(valueAt(tree, path), path);
      // What is missing in an item of a list is still missing at a place.
      const isSomewhere = judge.isSet(path) || path.some((key) => typeof key === 'number');
      faults.push({
        path: showPath(path),
        rule,
        source: showOrigin(isSomewhere ? origins.of(path) : { kind: 'notSet' }),
        ...(got !== undefined && { got }),
        ...(hint !== undefined && { hint }),
      });
    },
    isSet: (path) => valueAt(tree, path) !== undefined,
    locate: (path, given) => (isAbsolute(given) ? given : resolve(folderOf(origins.of(path), cwd), given)),
    read(path, given) {
      const absolute = judge.locate(path, given);
      try {
        const text = deps.readFile(absolute);
        texts.set(showPath(path), text);
        return text;
      } catch (error) {
        judge.report(path, `names a file that ${readingFault(error)}: ${absolute}`);
        return null;
      }
    },
  };
  return judge;
}

/** Whether one of the two is the other or holds it. */
function overlap(one: SettingPath, other: SettingPath): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((key, index) => String(key) === String(other[index]));
}

/** Why a file could not be read, as the end of a clause. */
export function readingFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read';
    case 'EISDIR':
      return 'is a folder';
    default:
      return `cannot be read (${typeof code === 'string' ? code : 'unknown error'})`;
  }
}
