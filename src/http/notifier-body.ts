/** What Burrow's notifier said about one group. Only a hint to look: the lag itself is always asked for. */
export interface NotifierEvent {
  /** Null where the body names none: Burrow's default template does not. */
  readonly cluster: string | null;
  readonly group: string;
  /** `close`: the group is healthy again. */
  readonly event: 'open' | 'close';
  /** Burrow's word for the group's status, where the body has one. */
  readonly status: string | null;
  /** Burrow's id of the incident, where the body has one that is not blank. */
  readonly id: string | null;
}

/** One thing wrong with a body: where, and what must hold there. Never quotes a value. */
export interface BodyFault {
  /** As in JavaScript, `events[0].event.group`; blank for the body itself. */
  readonly path: string;
  readonly rule: string;
}

export type NotifierBody =
  /** One event or more; `faults` tells of others in the same list that name no group. */
  | {
      readonly kind: 'events';
      readonly events: readonly NotifierEvent[];
      readonly faults: readonly BodyFault[];
    }
  | { readonly kind: 'invalid'; readonly faults: readonly BodyFault[] };

/** Burrow sends one event a request; the bound keeps a hostile body from starting a storm of polls. */
const MAX_EVENTS = 1000;

/** The longest name that Kafka's protocol can carry. */
const MAX_NAME_CHARACTERS = 32_767;

const MAX_REPORTED_FAULTS = 10;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Understands three bodies: our own templates' (`{source, event, id, cluster, group, start, status, result}`),
 * Burrow's default (`{events: [{id, event: {severity, group, …}}]}`) and goRainbow's (the same with a cluster).
 *
 * Where a group is named, that is an event, whatever else stands beside it: every other field is a hint, and as good as
 * absent where it is odd. A body is refused only if it names no group at all.
 *
 * @param isCloseByMethod what the request's method says of a body that does not say it itself
 */
export function parseNotifierBody(bytes: Uint8Array, isCloseByMethod: boolean): NotifierBody {
  if (bytes.length === 0) return invalid('', 'must not be empty: send the event as JSON');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return invalid('', 'must be UTF-8');
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return invalid('', `must be JSON: ${jsonFault(error)}`);
  }
  if (!isObject(body)) return invalid('', `must be a JSON object, not ${kindOf(body)}`);

  const faults: BodyFault[] = [];
  const byMethod = isCloseByMethod ? 'close' : 'open';
  const events = [...readOwnEvent(body, byMethod), ...readList(body, byMethod, faults)];
  if (events.length > 0) return { kind: 'events', events, faults };
  if (faults.length === 0) faults.push(faultOfNoGroup(body));
  return { kind: 'invalid', faults: faults.slice(0, MAX_REPORTED_FAULTS) };
}

function readOwnEvent(body: Fields, byMethod: 'open' | 'close'): NotifierEvent[] {
  if (!isName(fieldOf(body, 'group'))) return [];
  const given = fieldOf(body, 'event');
  return [
    {
      cluster: readCluster(body),
      group: readGroup(body),
      event: given === 'open' || given === 'close' ? given : byMethod,
      status: readHint(body, 'status'),
      id: readHint(body, 'id'),
    },
  ];
}

function readList(body: Fields, byMethod: 'open' | 'close', faults: BodyFault[]): NotifierEvent[] {
  if (!Object.hasOwn(body, 'events')) return [];
  const list = body['events'];
  if (!Array.isArray(list)) {
    faults.push({ path: 'events', rule: `must be an array, not ${kindOf(list)}` });
    return [];
  }
  if (list.length === 0 || list.length > MAX_EVENTS) {
    faults.push({ path: 'events', rule: `must hold 1 to ${MAX_EVENTS} events, not ${list.length}` });
    return [];
  }
  return list.flatMap((item: unknown, index): NotifierEvent[] => {
    const event = isObject(item) ? fieldOf(item, 'event') : undefined;
    if (!isObject(item) || !isObject(event)) {
      faults.push({ path: `events[${index}].event`, rule: `must be an object, not ${kindOf(event)}` });
      return [];
    }
    if (!isName(fieldOf(event, 'group'))) {
      faults.push(faultOfGroup(event, `events[${index}].event.group`));
      return [];
    }
    return [
      {
        cluster: readCluster(event),
        group: readGroup(event),
        event: byMethod,
        status: readHint(event, 'severity'),
        id: readHint(item, 'id'),
      },
    ];
  });
}

function faultOfNoGroup(body: Fields): BodyFault {
  if (Object.hasOwn(body, 'group')) return faultOfGroup(body, 'group');
  const rule = Object.hasOwn(body, 'ids')
    ? "must name a group, which ids alone do not: use this project's template-close"
    : "must have 'group' or 'events'";
  return { path: '', rule };
}

function faultOfGroup(fields: Fields, path: string): BodyFault {
  const value = fieldOf(fields, 'group');
  const got = typeof value === 'string' ? `one of ${value.length}` : kindOf(value);
  return { path, rule: `must be a string of 1 to ${MAX_NAME_CHARACTERS} characters, not ${got}` };
}

function readGroup(fields: Fields): string {
  const group = fieldOf(fields, 'group');
  return isName(group) ? group : '';
}

/** Null, which means every cluster that has the group, where none is named that could be one. */
function readCluster(fields: Fields): string | null {
  const cluster = fieldOf(fields, 'cluster');
  return isName(cluster) ? cluster : null;
}

/** A field that we show but never rely on: anything but a short string is as good as absent. */
function readHint(fields: Fields, key: string): string | null {
  const value = fieldOf(fields, key);
  return typeof value === 'string' && value.length > 0 && value.length <= 100 ? value : null;
}

/** Nothing is inherited. */
function fieldOf(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_CHARACTERS;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The parser's own words without the piece of the body that it quotes, which may hold a key or a name. */
function jsonFault(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return `it breaks off at character ${position}`;
  return message.startsWith('Unexpected end') ? 'it ends too early' : 'a character is where none may be';
}

function invalid(path: string, rule: string): NotifierBody {
  return { kind: 'invalid', faults: [{ path, rule }] };
}
