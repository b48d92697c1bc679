import type { Configuration } from './configuration.ts';
import type { NamePattern } from './setting/name-pattern.ts';

/** What stands where a secret was. */
export const HIDDEN = '[hidden]';

/** The text with everything before its last `@` hidden, as far back as `//`: `http://[hidden]@burrow:8000`. */
export function redactUrl(text: string): string {
  const at = text.lastIndexOf('@');
  if (at < 0) return text;
  const slashes = text.indexOf('//');
  const scheme = slashes >= 0 && slashes < at ? text.slice(0, slashes + 2) : '';
  return `${scheme}${HIDDEN}${text.slice(at)}`;
}

const SECRETS: ReadonlySet<string> = new Set(['password', 'token', 'keyPassphrase', 'clientSecret']);

/** The configuration as plain JSON data that may be logged: secrets hidden, expressions as their source. */
export function describeForLog(configuration: Configuration): unknown {
  return describe(configuration);
}

function describe(value: unknown): unknown {
  if (isPattern(value)) return value.source;
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]: [string, unknown]) => {
      if (SECRETS.has(key)) return [key, HIDDEN];
      return [key, key === 'url' && typeof child === 'string' ? redactUrl(child) : describe(child)];
    }),
  );
}

function isPattern(value: unknown): value is NamePattern {
  return typeof value === 'object' && value !== null && 'source' in value && 'test' in value;
}
