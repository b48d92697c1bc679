/**
 * Names that are longer are not asked for. Kafka's protocol could carry three times as much, but every line of a
 * group carries its name twice, and whoever may commit offsets may make a name up.
 */
export const MAX_NAME_CHARACTERS = 10_240;

/**
 * Whether Burrow can be asked about a cluster, group or topic of this name.
 *
 * False for a name with `/`: Burrow routes on the decoded path, so `a%2Flag` would even reach another endpoint.
 * False for the empty name: an empty segment is redirected, or collapsed by proxies. False for a lone surrogate, which
 * has no UTF-8, and for a name beyond {@link MAX_NAME_CHARACTERS}. True for `.` and `..`: Burrow's router tries the path as it is and cleans it only where nothing matches.
 */
export function isAddressable(name: string): boolean {
  return encodeSegment(name) !== null;
}

/**
 * The path for an HTTP request line: `prefix`, then every segment percent-encoded exactly once.
 * `null` where a segment is not {@link isAddressable}. Never give the result to `URL`, which would collapse `%2E%2E`.
 *
 * @param prefix path of the base URL, already encoded, empty or with a leading and no trailing slash
 */
export function requestPath(prefix: string, segments: readonly string[]): string | null {
  let path = prefix;
  for (const segment of segments) {
    const encoded = encodeSegment(segment);
    if (encoded === null) return null;
    path += `/${encoded}`;
  }
  return path;
}

function encodeSegment(name: string): string | null {
  if (name === '' || name.length > MAX_NAME_CHARACTERS || name.includes('/')) return null;
  if (name === '.') return '%2E';
  if (name === '..') return '%2E%2E';
  try {
    return encodeURIComponent(name);
  } catch {
    return null; // a lone surrogate
  }
}
