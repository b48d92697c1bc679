const CENSOR = '[redacted]';

/** Keys whose value is a secret; `passwordFile` and the like hold a path and stay readable. */
const SECRET_KEY =
  /(?:password|passphrase|secret|token|authorization|credential|cookie|api_?key)(?!.*file$)/i;

/** `//user:password@` of a URL: everything up to the last `@` before the path begins. */
const URL_USERINFO = /\/\/[^\s/?#"\\]*@/g;

const SECRET_PARAMETER = /([?&][^=?&\s]*(?:password|secret|token|key)=)[^&\s"]*/gi;

const AUTHORIZATION = /\b(authorization"?\s*[:=]\s*"?)(?:(?:basic|bearer)\s+)?[^\s",]+/gi;

const BEARER = /\b(bearer\s+)[\w.~+/=-]{8,}/gi;

/**
 * Takes the secrets out of a text that a person will read: credentials in URLs, `Authorization` values and
 * secret query parameters. Text without any comes back unchanged.
 */
export function redactText(text: string): string {
  return text
    .replace(URL_USERINFO, `//${CENSOR}@`)
    .replace(SECRET_PARAMETER, `$1${CENSOR}`)
    .replace(AUTHORIZATION, `$1${CENSOR}`)
    .replace(BEARER, `$1${CENSOR}`);
}

/**
 * Takes the secrets out of one JSON log line, at any depth: the value of every key that names a secret, and
 * what {@link redactText} finds in every string. A line that is no JSON is treated as text.
 */
export function redactLine(line: string): string {
  try {
    return `${escapeUnseen(JSON.stringify(JSON.parse(line, redactValue)))}\n`;
  } catch {
    return escapeUnseen(redactText(line));
  }
}

function redactValue(key: string, value: unknown): unknown {
  if (value === null || value === '') return value;
  if (SECRET_KEY.test(key)) return CENSOR;
  return typeof value === 'string' ? redactText(value) : value;
}

/** What JSON lets stand as it is, and yet ends a line, moves the cursor or turns text around where it is shown. */
const UNSEEN = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Writes unseen characters as `\\uXXXX`, which in JSON stands for the same text. */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
