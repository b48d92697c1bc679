import type { Fault } from './fault.ts';

/** What `top` looks at, and how it shows it. */
export interface TopOptions {
  /** Where the sidecar listens, without a slash at its end; null: on this machine, where it is configured to. */
  readonly url: string | null;
  /** Once: one table and the end. Json: a line for each group and the end. */
  readonly form: 'live' | 'once' | 'json';
}

/** Reads the flags of `top`, each as given, in their order. */
export function readTopOptions(
  given: readonly { readonly name: string; readonly value: string }[],
  faults: Fault[],
): TopOptions {
  const isGiven = (name: string): boolean => given.some((flag) => flag.name === name);
  return {
    url: readUrl(given.findLast(({ name }) => name === 'url')?.value, faults),
    form: isGiven('json') ? 'json' : isGiven('once') ? 'once' : 'live',
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
