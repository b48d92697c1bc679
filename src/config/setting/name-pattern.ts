import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** A regular expression that is searched for in names. Keeps no state, so that one may be shared. */
export interface NamePattern {
  /** As it was written. */
  readonly source: string;
  /** Whether it matches anywhere in the name. Takes a time that grows with the length of the name, not with its square. */
  test(name: string): boolean;
}

/** RE2 finds what can be matched in linear time; what cannot, it refuses to compile. */
const NOT_IN_RE2 =
  'look-ahead, look-behind and back references are not supported, since matching them can take for ever; allow and deny can be combined instead';

/** Without repeats, and without what the two kinds of engine understand in different ways, such as `[[:digit:]]` and `\\z`. */
const PLAIN = /^(?:[^*+?{[\\]|\\[^A-Za-z0-9])*$/;

/** What an empty `deny` becomes. */
export const MATCHES_NOTHING: NamePattern = { source: '', test: () => false };

/**
 * Compiles an expression in RE2's syntax. Names are made up by whoever may commit offsets, and with a backtracking
 * engine one name of 10,000 characters can hold up the process for minutes.
 *
 * Plain expressions that repeat nothing, and `.*` alone, mean the same in any engine and cannot backtrack for long: they
 * stay with the one that is built in, so that RE2 is loaded only where it is needed.
 *
 * @returns the pattern, or what is wrong with the expression
 */
export function compileNamePattern(source: string): NamePattern | string {
  try {
    if (source === '.*' || PLAIN.test(source)) return new RegExp(source);
    const compiled = loadRe2().compile(source);
    return { source, test: (name) => compiled.test(name) };
  } catch (error) {
    if (/\(\?[=!<]|\\[1-9]/.test(source)) return NOT_IN_RE2;
    const message = error instanceof Error ? error.message : 'syntax error';
    const reason = message.replace(/^error parsing regexp: |^Invalid regular expression: .*: /s, '');
    return `it does not compile: ${reason.toLowerCase()}`;
  }
}

function loadRe2(): typeof RE2JS {
  return (createRequire(import.meta.url)('re2js') as { readonly RE2JS: typeof RE2JS }).RE2JS;
}
