import { z } from 'zod';
import { NAMED_TAGS } from '../records/naming/naming.ts';

import { settingNotes } from './setting/setting.ts';

const URL_RULE = 'must be a URL such as http://localhost:8000';
const TAG_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Tags that a record carries anyway: a global one of the same name would contradict or forge them. */
const RESERVED_TAGS: ReadonlySet<string> = new Set(NAMED_TAGS);

/** Of key and value together, in Wavefront's format. */
const MOST_TAG_CHARACTERS = 254;

/** A Burrow server's address, its credentials taken out of it. */
export interface BurrowAddress {
  /** Scheme, host, port and the path where a proxy needs one; no slash at the end. */
  readonly url: string;
  /** `host:port`, the port always there. */
  readonly hostPort: string;
  readonly username: string | null;
  readonly password: string | null;
}

/** The address of one Burrow server. */
export function burrowUrl() {
  return z
    .string({ error: URL_RULE })
    .transform((given, context) => {
      const address = parseBurrowUrl(given);
      if (typeof address !== 'string') return address;
      context.addIssue({ code: 'custom', message: URL_RULE, params: { hint: address } });
      return z.NEVER;
    })
    .register(settingNotes, {
      kind: 'url',
      type: 'URL',
      description: 'Where Burrow listens: http or https, host and port, and a path where a proxy needs one',
      default: '',
    });
}

/** The address, or what to change about it. */
function parseBurrowUrl(given: string): BurrowAddress | string {
  if (!URL.canParse(given)) return 'write it with scheme, host and port';
  const parsed = new URL(given);
  if (!/^https?:\/\//i.test(given) || !['http:', 'https:'].includes(parsed.protocol)) {
    return 'begin it with http:// or https://';
  }
  if (parsed.search !== '' || parsed.hash !== '') return 'leave out the part from ? or # on';
  const prefix = parsed.pathname.replace(/\/+$/, '');
  if (/\/v3(\/|$)/.test(prefix)) return 'leave out /v3 and what follows: it is added by itself';
  const username = decode(parsed.username);
  const password = decode(parsed.password);
  const port = parsed.port === '' ? (parsed.protocol === 'https:' ? '443' : '80') : parsed.port;
  return {
    url: `${parsed.origin}${prefix}`,
    hostPort: `${parsed.hostname}:${port}`,
    username: username === '' ? null : username,
    password: password === '' ? null : password,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a % that begins no escape and was meant as it stands
  }
}

/** As many characters as Wavefront takes. */
const LONGEST_SOURCE = 128;

/** The `source` of every record. '' counts as left out. */
export function sourceTag() {
  return z
    .string({ error: 'must be text' })
    .refine((source) => source === '' || source.trim() !== '', { error: 'must not be blank' })
    .refine((source) => source.length <= LONGEST_SOURCE, {
      error: `must not be longer than ${LONGEST_SOURCE} characters`,
    })
    .refine((source) => !/\p{Cc}/u.test(source), { error: 'must not contain control characters' })
    .transform((source) => (source === '' ? undefined : source))
    .optional()
    .register(settingNotes, {
      kind: 'text',
      type: 'text',
      description: 'The source tag; empty: the host name',
      default: '',
    });
}

/** Tags that every record carries. */
export function globalTags() {
  return z
    .record(z.string(), z.string({ error: 'must be text' }), {
      error: 'must be a map of tag names and texts',
    })
    .transform((tags, context) => {
      for (const [name, value] of Object.entries(tags)) {
        const fault = tagFault(name, value);
        if (fault !== null) {
          context.addIssue({
            code: 'custom',
            message: fault.rule,
            path: [name],
            params: { hint: fault.hint },
          });
        }
      }
      return tags;
    })
    .prefault({})
    .register(settingNotes, {
      kind: 'map',
      type: 'map of text',
      description: 'Tags that every record carries',
      default: '{}',
    });
}

function tagFault(name: string, value: string): { rule: string; hint?: string } | null {
  if (name === 'source') return { rule: 'is no ordinary tag', hint: 'set series.source instead' };
  if (RESERVED_TAGS.has(name)) {
    return { rule: 'is a tag that records carry already', hint: 'choose another tag name' };
  }
  if (!TAG_NAME.test(name)) {
    return { rule: 'must be named with up to 64 letters, digits, _ . and -, a letter first' };
  }
  if (value.trim() === '') return { rule: 'must not be empty', hint: 'give the tag a value or remove it' };
  const most = Math.min(200, MOST_TAG_CHARACTERS - name.length);
  if (value.length > most) return { rule: `must not be longer than ${most} characters` };
  if (/\p{Cc}/u.test(value)) return { rule: 'must not contain control characters' };
  return null;
}

const MAX_CLUSTER_NAME = 200;

/** Our names for the clusters of one Burrow server, by its own. */
export function clusterNames() {
  return z
    .record(z.string(), z.string({ error: 'must be text' }), {
      error: "must be a map of Burrow's names and ours, such as {prod: prod-eu}",
    })
    .transform((names, context) => {
      const takenBy = new Map<string, string>();
      for (const [theirs, ours] of Object.entries(names)) {
        const fault = clusterNameFault(theirs, ours, takenBy.get(ours));
        if (fault !== null) {
          context.addIssue({
            code: 'custom',
            message: fault.rule,
            path: [theirs],
            params: { hint: fault.hint },
          });
        }
        if (!takenBy.has(ours)) takenBy.set(ours, theirs);
      }
      return names;
    })
    .optional()
    .register(settingNotes, {
      kind: 'map',
      type: 'map of text',
      description: "Other names for its clusters, {Burrow's: ours}; the rest keep theirs",
      default: '',
    });
}

function clusterNameFault(
  theirs: string,
  ours: string,
  takenBy: string | undefined,
): { readonly rule: string; readonly hint?: string } | null {
  if (theirs === '')
    return { rule: 'must name a cluster of this Burrow', hint: 'write {its-name: our-name}' };
  if (ours.trim() === '')
    return { rule: 'must not be blank', hint: 'give the cluster a name, or remove the line' };
  if (ours.length > MAX_CLUSTER_NAME) {
    return { rule: `must not be longer than ${String(MAX_CLUSTER_NAME)} characters` };
  }
  if (/[/\p{Cc}]/u.test(ours)) return { rule: 'must not contain / or control characters' };
  if (takenBy !== undefined) {
    return {
      rule: `gives this cluster the name that ${takenBy} has already: ${ours}`,
      hint: 'give each cluster of a server a name of its own',
    };
  }
  return null;
}
