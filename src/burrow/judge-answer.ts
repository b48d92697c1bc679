import { describeForeignBody, type AnswerHeaders, type ForeignBody } from './foreign-body.ts';
import { objectOf, ShapeFault, type JsonObject } from './json-shape.ts';
import type { Outcome } from './outcome.ts';

const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;

/** A smaller answer cannot hold enough to hurt. */
const SMALL_BYTES = 1024 * 1024;

/** An answer about 200,000 partitions has 600,000 objects. */
const MAX_OPENINGS = 1_000_000;

/** The same answer has 3,400,000 values. */
const MAX_VALUES = 5_000_000;

/** A message of Burrow's is cut here before it is shown. */
const SHOWN_MESSAGE_CHARACTERS = 120;

/**
 * What a whole HTTP answer means. An answer that Burrow did not write is recognised before it is parsed. Never throws.
 */
export function judgeBody<T>(
  statusCode: number,
  body: Buffer,
  headers: AnswerHeaders,
  decode: (json: JsonObject) => T,
): Outcome<T> {
  const foreign = describeForeignBody(body, headers);
  if (foreign !== null) return judgeForeignAnswer(statusCode, foreign);
  if (hasTooManyParts(body))
    return { kind: 'invalid', reason: 'the answer is no list that a Burrow would give' };
  return judgeAnswer(statusCode, body.toString('utf8'), decode);
}

/**
 * What an HTTP answer means, by its status and body together. `decode` gets the JSON of a good answer, and may throw
 * `ShapeFault`. Never throws.
 *
 * A 404 is `notFound` only in Burrow's own words, which are `error: true` along with the `request` it answers, or the
 * status NOTFOUND of a group. Burrow's 404 for a path that it does not have is also JSON with `error: true`, under
 * `text/plain`, but without `request`: it means a wrong base URL, and must not look like a dead group. The content
 * type tells nothing, since older versions send all of their JSON as `text/plain`.
 */
export function judgeAnswer<T>(status: number, body: string, decode: (answer: JsonObject) => T): Outcome<T> {
  if (status !== 200 && status !== 404) return judgeStatus(status);
  try {
    const answer = objectOf(parse(body), 'the answer');
    if (status === 404) {
      return saysNotFound(answer) ? { kind: 'notFound' } : invalid(NO_SUCH_PATH);
    }
    if (answer['error'] === true) {
      return invalid(`Burrow answered HTTP 200 with error: true${shownMessage(answer['message'])}`);
    }
    if (answer['error'] !== false) throw new ShapeFault('error', 'true or false');
    if (hasStatusNotFound(answer)) return { kind: 'notFound' };
    return { kind: 'ok', value: decode(answer) };
  } catch (error) {
    if (status === 404) return invalid(NO_SUCH_PATH);
    if (error instanceof ShapeFault) return invalid(`Burrow's answer breaks its contract: ${error.message}`);
    throw error;
  }
}

/** What an answer means whose body is none of Burrow's. */
export function judgeForeignAnswer(status: number, { kind, shown }: ForeignBody): Outcome<never> {
  if (status === 404)
    return invalid(kind === 'empty' ? NO_SUCH_PATH : `${NO_SUCH_PATH} (the answer is ${shown})`);
  if (status !== 200) {
    const judged = judgeStatus(status);
    return kind === 'empty' ? judged : { ...judged, reason: `${judged.reason} (the answer is ${shown})` };
  }
  const why =
    kind === 'compressed'
      ? 'a proxy on the way must not compress'
      : 'does the URL of this server lead to Burrow, or to a proxy or a login page before it?';
  return invalid(`the answer is ${shown}: ${why}`);
}

const NO_SUCH_PATH =
  'HTTP 404 for a path that every Burrow has: check that the URL of this server leads to Burrow and ends before /v3';

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes the body, which may be anything.
    throw new ShapeFault('the answer', 'whole JSON');
  }
}

function saysNotFound(answer: JsonObject): boolean {
  if (answer['error'] === false) return hasStatusNotFound(answer);
  return answer['error'] === true && typeof answer['request'] === 'object' && answer['request'] !== null;
}

function hasStatusNotFound(answer: JsonObject): boolean {
  const status = answer['status'];
  return typeof status === 'object' && status !== null && 'status' in status && status.status === 'NOTFOUND';
}

type Failed = Extract<Outcome<never>, { readonly reason: string }>;

/** Statuses that Burrow itself never gives with a body of use. */
function judgeStatus(status: number): Failed {
  if (status >= 500) return { kind: 'unreachable', reason: `the server answered HTTP ${status}` };
  if (status === 408 || status === 429) {
    return {
      kind: 'unreachable',
      reason: `the server answered HTTP ${status}, which asks to try again later`,
    };
  }
  if (status === 401 || status === 403) {
    return invalid(
      `the server refused us with HTTP ${status}: check the username and password of this server`,
    );
  }
  if (status >= 300 && status < 400) {
    return invalid(
      `HTTP ${status} points to another address, and redirects are not followed: give the URL it leads to`,
    );
  }
  return invalid(`the server answered HTTP ${status}: check that the URL of this server leads to Burrow`);
}

function shownMessage(message: unknown): string {
  if (typeof message !== 'string' || message === '') return '';
  return `, saying ${JSON.stringify(message.slice(0, SHOWN_MESSAGE_CHARACTERS))}`;
}

function invalid(reason: string): Failed {
  return { kind: 'invalid', reason };
}

/**
 * Whether JSON of so many bytes would become more than any answer of Burrow's does. `JSON.parse` makes up to 30 bytes
 * out of one: 64 MB of `{},{},…` or of `[[[[…` end the whole process, and nothing can be caught. What stands within
 * strings is counted too, which only makes the bound a little lower.
 */
function hasTooManyParts(answer: Uint8Array): boolean {
  if (answer.length <= SMALL_BYTES) return false;
  let openings = 0;
  let values = 0;
  for (const byte of answer) {
    if (byte === COMMA) values += 1;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) openings += 1;
  }
  return openings > MAX_OPENINGS || values > MAX_VALUES;
}
