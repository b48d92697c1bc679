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
