import { z } from 'zod';

import { compileNamePattern, type NamePattern } from './name-pattern.ts';
import { formatDuration, parseDuration, parseSize } from './units.ts';

/** Keys from the top of the configuration down; numbers are places in a list. */
export type SettingPath = readonly (string | number)[];

/** How a value is written; decides how the text of an environment variable or of `--set` is read. */
export type SettingKind =
  | 'text'
  | 'secret'
  | 'path'
  | 'url'
  | 'choice'
  | 'number'
  | 'boolean'
  | 'duration'
  | 'size'
  | 'pattern'
  | 'list'
  | 'map';

/** What is known of one key beside its check. */
export interface SettingNote {
  readonly kind: SettingKind;
  /** For the reference table: `duration`, `a | b`, `list of host:port`. */
  readonly type: string;
  /** One line. */
  readonly description: string;
  /** As a user would write it in YAML; '' where there is none. */
  readonly default: string;
  /** `kind` choice: what may be chosen. */
  readonly choices?: readonly string[];
  /** Whether a change counts when the configuration is reloaded; default: only after a restart. See {@link live}. */
  readonly isLive?: true;
}

/** The note of every key of the schema. */
export const settingNotes = z.registry<SettingNote>();

/** Marks a key whose change counts as soon as the configuration is reloaded. */
export function live<Setting extends z.core.$ZodType>(setting: Setting): Setting {
  const note = settingNotes.get(setting);
  if (note === undefined) throw new Error('only a key with a note can be live');
  settingNotes.add(setting, { ...note, isLive: true });
  return setting;
}

/** setTimeout's longest delay, in whole days: a longer one would fire at once. */
const LONGEST = '24d';
const LONGEST_MS = 24 * 86_400_000;

export function duration(options: { default: string; least: string; description: string }) {
  const rule = `must be a duration from ${options.least} to ${LONGEST}, such as ${options.default}`;
  const leastMs = parseDuration(options.least) ?? 0;
  return z
    .string({ error: rule })
    .transform((text, context) => {
      const durationMs = parseDuration(text);
      if (durationMs !== null && durationMs >= leastMs && durationMs <= LONGEST_MS) return durationMs;
      context.addIssue({ code: 'custom', message: rule, params: { hint: durationHint(text, durationMs) } });
      return z.NEVER;
    })
    .brand<'ms'>()
    .prefault(options.default)
    .register(settingNotes, {
      kind: 'duration',
      type: `duration, ${options.least} at least`,
      description: options.description,
      default: options.default,
    });
}

function durationHint(text: string, durationMs: number | null): string | undefined {
  if (durationMs !== null) return undefined;
  const fraction = /^(\d+\.\d+)(s|m|h|d)$/.exec(text);
  const scale = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[fraction?.[2] ?? ''];
  if (fraction !== null && scale !== undefined) {
    return `write it without a fraction: ${formatDuration(Math.round(Number(fraction[1]) * scale))}`;
  }
  if (/^\d{1,9}$/.test(text)) return `add the unit: ${text}s or ${text}ms`;
  return 'write one whole number and one of the units ms, s, m, h, d';
}

export function size(options: { default: string; least: string; description: string }) {
  const rule = `must be a size of ${options.least} or more, such as ${options.default} (1 KB is 1024 bytes)`;
  const leastBytes = parseSize(options.least) ?? 0;
  return z
    .string({ error: rule })
    .transform((text, context) => {
      const bytes = parseSize(text);
      if (bytes !== null && bytes >= leastBytes) return bytes;
      const hint = bytes === null ? 'write one whole number and one of the units B, KB, MB, GB' : undefined;
      context.addIssue({ code: 'custom', message: rule, params: { hint } });
      return z.NEVER;
    })
    .brand<'bytes'>()
    .prefault(options.default)
    .register(settingNotes, {
      kind: 'size',
      type: `size, ${options.least} at least`,
      description: options.description,
      default: options.default,
    });
}

interface Range {
  readonly least: number;
  readonly most: number;
}

function within({ least, most }: Range) {
  const rule = `must be a whole number from ${least} to ${most}`;
  return z.int({ error: rule }).min(least, { error: rule }).max(most, { error: rule });
}

export function wholeNumber(options: Range & { readonly default: number; readonly description: string }) {
  return within(options)
    .prefault(options.default)
    .register(settingNotes, {
      kind: 'number',
      type: `${options.least} to ${options.most}`,
      description: options.description,
      default: String(options.default),
    });
}

/** A whole number whose default depends on other settings; the description says how. */
export function optionalWholeNumber(options: Range & { readonly description: string }) {
  return within(options)
    .optional()
    .register(settingNotes, {
      kind: 'number',
      type: `${options.least} to ${options.most}`,
      description: options.description,
      default: '',
    });
}

export function yesOrNo(options: { default: boolean; description: string }) {
  return z
    .boolean({ error: 'must be true or false' })
    .prefault(options.default)
    .register(settingNotes, {
      kind: 'boolean',
      type: 'true | false',
      description: options.description,
      default: String(options.default),
    });
}

/** One of a few words. `true` and `false` may be among them and may be written as YAML booleans. */
export function choice<const C extends readonly [string, ...string[]]>(
  choices: C,
  options: { default: C[number]; description: string },
) {
  return z
    .preprocess(
      (value) => (typeof value === 'boolean' ? String(value) : value),
      z.enum(choices, { error: `must be one of ${choices.join(', ')}` }),
    )
    .prefault(options.default)
    .register(settingNotes, choiceNote(choices, options.default, options.description));
}

/** {@link choice} without a default. */
export function optionalChoice<const C extends readonly [string, ...string[]]>(
  choices: C,
  options: { description: string },
) {
  return z
    .enum(choices, { error: `must be one of ${choices.join(', ')}` })
    .optional()
    .register(settingNotes, choiceNote(choices, '', options.description));
}

function choiceNote(choices: readonly string[], preset: string, description: string): SettingNote {
  return { kind: 'choice', type: choices.join(' | '), description, default: preset, choices };
}

/** Text that `shape` matches; '' is refused unless the shape allows it. */
export function text(options: {
  default: string;
  rule: string;
  shape: RegExp;
  type?: string;
  description: string;
}) {
  return z
    .string({ error: options.rule })
    .regex(options.shape, { error: options.rule })
    .prefault(options.default)
    .register(settingNotes, {
      kind: 'text',
      type: options.type ?? 'text',
      description: options.description,
      default: options.default === '' ? "''" : options.default,
    });
}

/** Text that may be left out; '' counts as left out. */
export function optionalText(kind: 'text' | 'secret' | 'path', options: { description: string }) {
  return z
    .string({ error: kind === 'path' ? 'must be a path' : 'must be text' })
    .transform((value) => (value === '' ? undefined : value))
    .optional()
    .register(settingNotes, {
      kind,
      type: kind === 'path' ? 'path' : 'text',
      description: options.description,
      default: '',
    });
}

/** A regular expression in RE2's syntax, searched for anywhere in a name unless `^` and `$` anchor it. */
export function pattern(options: { default: string; whenEmpty: NamePattern | null; description: string }) {
  const rule = 'must be a regular expression';
  return z
    .string({ error: rule })
    .transform((source, context) => {
      if (source === '' && options.whenEmpty !== null) return options.whenEmpty;
      const compiled = compileNamePattern(source);
      if (typeof compiled === 'object' && source !== '') return compiled;
      const hint = typeof compiled === 'object' ? "write '.*' to allow every name" : compiled;
      context.addIssue({
        code: 'custom',
        message: source === '' ? 'must not be empty' : rule,
        params: { hint },
      });
      return z.NEVER;
    })
    .prefault(options.default)
    .register(settingNotes, {
      kind: 'pattern',
      type: 'regular expression',
      description: options.description,
      default: `'${options.default}'`,
    });
}

/** A map of keys, none of which is unknown. */
export function section<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be a map of keys and values' : undefined),
  });
}

/** A section `tls` that switches TLS on; see `resolveTlsSection`. */
export function tlsSection(options: { description: string }) {
  return section({ enabled: yesOrNo({ default: false, ...options }), ...tlsClient() });
}

/** The keys of a section `tls` where we are the client; see `resolveTlsClient`. */
export function tlsClient() {
  return {
    caFile: live(
      optionalText('path', {
        description: 'Certificate authorities to trust, PEM; empty: those of Node.js',
      }),
    ),
    certFile: live(optionalText('path', { description: 'Client certificate, PEM; needs keyFile' })),
    keyFile: live(
      optionalText('path', { description: 'Key of the client certificate, PEM; needs certFile' }),
    ),
    keyPassphraseFile: live(
      optionalText('path', {
        description: 'File with the passphrase of the key, where that is encrypted',
      }),
    ),
    serverName: live(
      optionalText('text', {
        description: 'Host name in the certificate of the server; empty: the one that is connected to',
      }),
    ),
    verifyHostname: live(
      yesOrNo({
        default: true,
        description: 'Refuse a certificate that is for another host; false: only its authority counts',
      }),
    ),
  };
}
