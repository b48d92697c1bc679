import { createSecureContext } from 'node:tls';

import type { Fault } from './fault.ts';
import { readingFault, type ReadFile } from './create-judge.ts';

/** Flags of `top` that name a file for TLS. */
export const TOP_FILES = ['ca-file', 'cert-file', 'key-file'] as const;
export type TopFile = (typeof TOP_FILES)[number];

/** What `top` looks at, and how it shows it. */
export interface TopOptions {
  /** Where the sidecar listens, without a slash at its end; null: on this machine, where it is configured to. */
  readonly url: string | null;
  /** PEM files by the flag that names them, as given; only for https. */
  readonly files: Readonly<Partial<Record<TopFile, string>>>;
  /** Once: one table and the end. Json: a line for each group and the end. */
  readonly form: 'live' | 'once' | 'json';
  /** Times of day in UTC; else in the terminal's own zone. */
  readonly isUtc: boolean;
}

/** Reads the flags of `top`, each as given, in their order. */
export function readTopOptions(
  given: readonly { readonly name: string; readonly value: string }[],
  faults: Fault[],
): TopOptions {
  const valueOf = (name: string): string | undefined => given.findLast((flag) => flag.name === name)?.value;
  const isGiven = (name: string): boolean => valueOf(name) !== undefined;
  for (const [name, other] of [
    ['cert-file', 'key-file'],
    ['key-file', 'cert-file'],
  ] as const) {
    if (isGiven(name) && !isGiven(other)) {
      faults.push({ path: `--${name}`, rule: `needs --${other}`, source: 'command line' });
    }
  }
  const url = readUrl(valueOf('url'), faults);
  if (url?.startsWith('http:') === true && TOP_FILES.some(isGiven)) {
    const rule = 'must begin with https:// where a file for TLS is given';
    faults.push({ path: '--url', rule, source: 'command line' });
  }
  return {
    url,
    files: Object.fromEntries(TOP_FILES.flatMap((name) => (isGiven(name) ? [[name, valueOf(name)]] : []))),
    form: isGiven('json') ? 'json' : isGiven('once') ? 'once' : 'live',
    isUtc: isGiven('utc'),
  };
}

function readUrl(text: string | undefined, faults: Fault[]): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (isPlain && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href.replace(/\/+$/, '');
  const rule = 'must be an http or https URL without credentials, such as http://localhost:7099';
  // It may hold a password: it is not repeated.
  faults.push({
    path: '--url',
    rule,
    source: 'command line',
    hint: 'give the token as a file: --token-file',
  });
  return null;
}

/** What the files hold, null where none is given; or what is wrong with them. */
export function readTopTls(
  files: TopOptions['files'],
  readFile: ReadFile,
): { readonly ca?: string; readonly cert?: string; readonly key?: string } | null | Fault[] {
  const faults: Fault[] = [];
  const read = (name: TopFile, key: 'ca' | 'cert' | 'key'): { readonly [key: string]: string } => {
    const file = files[name];
    if (file === undefined) return {};
    try {
      const text = readFile(file);
      createSecureContext({ [key]: text });
      if (text.includes('-----BEGIN ')) return { [key]: text };
      throw new Error('no PEM');
    } catch (error) {
      const isRead = !(error instanceof Error && 'syscall' in error);
      const rule = isRead
        ? 'names a file that holds nothing of the kind, as PEM and unencrypted'
        : `names a file that ${readingFault(error)}`;
      faults.push({ path: `--${name}`, rule, got: JSON.stringify(file), source: 'command line' });
      return {};
    }
  };
  const tls = { ...read('ca-file', 'ca'), ...read('cert-file', 'cert'), ...read('key-file', 'key') };
  if (faults.length > 0) return faults;
  if (Object.keys(tls).length === 0) return null;
  try {
    createSecureContext(tls);
  } catch {
    return [{ path: '--key-file', rule: 'does not belong to --cert-file', source: 'command line' }];
  }
  return tls;
}
