import type { Configuration } from './configuration.ts';
import { HIDDEN, redactUrl } from './redact.ts';

const SECRETS: ReadonlySet<string> = new Set(['password', 'token']);

/** The configuration as plain JSON data that may be logged: secrets hidden, expressions as their source. */
export function describeForLog(configuration: Configuration): unknown {
  return describe(configuration);
}

function describe(value: unknown): unknown {
  if (value instanceof RegExp) return value.source;
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]: [string, unknown]) => {
      if (SECRETS.has(key)) return [key, HIDDEN];
      return [key, key === 'url' && typeof child === 'string' ? redactUrl(child) : describe(child)];
    }),
  );
}
