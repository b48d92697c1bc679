/** What Burrow's notifier said about one group. Only a hint to look: the lag itself is always asked for. */
export interface NotifierEvent {
  /** Null where the body names none: Burrow's default template does not. */
  readonly cluster: string | null;
  readonly group: string;
  /** `close`: the group is well again. */
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
  | { readonly kind: 'events'; readonly events: readonly NotifierEvent[] }
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
 * A body with any fault is refused whole. Fields not named here are not looked at.
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
  const events = readBody(body, isCloseByMethod ? 'close' : 'open', faults);
  if (faults.length > 0) return { kind: 'invalid', faults: faults.slice(0, MAX_REPORTED_FAULTS) };
  return { kind: 'events', events };
}

function readBody(body: Fields, byMethod: 'open' | 'close', faults: BodyFault[]): NotifierEvent[] {
  if (!Object.hasOwn(body, 'events')) {
    if (Object.hasOwn(body, 'group')) return [readOwnEvent(body, byMethod, faults)];
    const rule = Object.hasOwn(body, 'ids')
      ? "must name a group, which ids alone do not: use this project's template-close"
      : "must have 'group' or 'events'";
    faults.push({ path: '', rule });
    return [];
  }
  const list = body['events'];
  if (!Array.isArray(list)) {
    faults.push({ path: 'events', rule: `must be an array, not ${kindOf(list)}` });
    return [];
  }
  if (list.length === 0 || list.length > MAX_EVENTS) {
    faults.push({ path: 'events', rule: `must hold 1 to ${MAX_EVENTS} events, not ${list.length}` });
    return [];
  }
  return list.map((item: unknown, index) => readListedEvent(item, `events[${index}]`, byMethod, faults));
}

function readOwnEvent(body: Fields, byMethod: 'open' | 'close', faults: BodyFault[]): NotifierEvent {
  const event = Object.hasOwn(body, 'event') ? body['event'] : byMethod;
  if (event !== 'open' && event !== 'close')
    faults.push({ path: 'event', rule: "must be 'open' or 'close'" });
  return {
    cluster: readCluster(body, '', faults),
    group: readName(body, '', 'group', faults),
    event: event === 'close' ? 'close' : 'open',
    status: readHint(body, 'status'),
    id: readHint(body, 'id'),
  };
}

function readListedEvent(
  item: unknown,
  path: string,
  byMethod: 'open' | 'close',
  faults: BodyFault[],
): NotifierEvent {
  const event = isObject(item) && Object.hasOwn(item, 'event') ? item['event'] : undefined;
  if (!isObject(item) || !isObject(event)) {
    faults.push({ path: `${path}.event`, rule: `must be an object, not ${kindOf(event)}` });
    return { cluster: null, group: '', event: byMethod, status: null, id: null };
  }
  const at = `${path}.event.`;
  return {
    cluster: readCluster(event, at, faults),
    group: readName(event, at, 'group', faults),
    event: byMethod,
    status: readHint(event, 'severity'),
    id: readHint(item, 'id'),
  };
}

function readCluster(fields: Fields, at: string, faults: BodyFault[]): string | null {
  if (!Object.hasOwn(fields, 'cluster') || fields['cluster'] === null) return null;
  return readName(fields, at, 'cluster', faults);
}

function readName(fields: Fields, at: string, key: string, faults: BodyFault[]): string {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_CHARACTERS) return value;
  const got = typeof value === 'string' ? `one of ${value.length}` : kindOf(value);
  faults.push({
    path: `${at}${key}`,
    rule: `must be a string of 1 to ${MAX_NAME_CHARACTERS} characters, not ${got}`,
  });
  return '';
}

/** A field that we show but never rely on: anything but a short string is as good as absent. */
function readHint(fields: Fields, key: string): string | null {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  return typeof value === 'string' && value.length > 0 && value.length <= 100 ? value : null;
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
