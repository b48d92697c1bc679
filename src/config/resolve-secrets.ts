import type { TlsFiles } from './configuration.ts';
import type { Judge } from './judge.ts';
import type { SettingPath } from './settings-list.ts';

/** TLS files as the schema gives them. */
export interface GivenTlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

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

/** Absolute paths of the files that are set. Reports files that are no PEM, and a certificate without its key. */
export function resolveTlsFiles(judge: Judge, path: SettingPath, given: GivenTlsFiles): TlsFiles {
  if (given.certFile !== undefined && given.keyFile === undefined) {
    judge.report([...path, 'certFile'], 'needs its key', 'set keyFile too', [...path, 'keyFile']);
  }
  if (given.keyFile !== undefined && given.certFile === undefined) {
    judge.report([...path, 'keyFile'], 'needs its certificate', 'set certFile too', [...path, 'certFile']);
  }
  return {
    ...pem(judge, path, 'caFile', given.caFile),
    ...pem(judge, path, 'certFile', given.certFile),
    ...pem(judge, path, 'keyFile', given.keyFile),
  };
}

function pem(judge: Judge, path: SettingPath, name: keyof TlsFiles, file: string | undefined): TlsFiles {
  if (file === undefined) return {};
  const text = judge.read([...path, name], file);
  if (text !== null && !text.includes('-----BEGIN ')) {
    judge.report([...path, name], 'must name a PEM file', "it should hold a line '-----BEGIN …-----'");
  }
  return { [name]: judge.locate([...path, name], file) };
}

/** Whether any of the files is set. */
export function hasTlsFiles(given: GivenTlsFiles): boolean {
  return given.caFile !== undefined || given.certFile !== undefined || given.keyFile !== undefined;
}
