import type { Judge } from './judge.ts';
import type { SettingPath } from './setting.ts';

/**
 * The secret that `path` or its twin `…File` holds, without the newline at the file's end; undefined where neither is
 * set. Reports both being set, and files that are empty or cannot be read.
 */
export function resolveSecret(
  judge: Judge,
  path: readonly [...SettingPath, string],
  given: string | undefined,
  file: string | undefined,
): string | undefined {
  if (file === undefined) return given;
  const name = String(path.at(-1));
  const filePath = [...path.slice(0, -1), `${name}File`];
  if (given !== undefined) {
    judge.report(filePath, `must not be set together with ${name}`, `remove ${name} and keep ${name}File`);
    return given;
  }
  const text = judge.read(filePath, file);
  if (text === null) return undefined;
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') {
    judge.report(filePath, 'names a file that is empty', `write the ${name} into it`);
    return undefined;
  }
  return secret;
}
