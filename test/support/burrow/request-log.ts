/** Which requests came in. Paths are as they stood in the request line, without the query. */
export interface RequestLog {
  total(): number;
  /** Requests to exactly this path, by any method. */
  of(path: string): number;
  /** The different paths asked for, in the order of their first request. */
  paths(): readonly string[];
  /** Every method seen; a client of Burrow has no business with any but GET. */
  methods(): readonly string[];
  /** The newest value of a request header, lower-case name; undefined where none came. */
  lastHeader(name: string): string | undefined;
  clear(): void;
}

/** The server's side of {@link RequestLog}. */
export interface RequestCounter extends RequestLog {
  add(method: string, path: string, headers: Readonly<Record<string, string | string[] | undefined>>): void;
}

/** Past so many different paths, further ones only count in the total. */
const MOST_PATHS = 100_000;

export function createRequestCounter(): RequestCounter {
  const byPath = new Map<string, number>();
  const methods = new Set<string>();
  let newest: Readonly<Record<string, string | string[] | undefined>> = {};
  let total = 0;
  return {
    add(method, path, headers) {
      total += 1;
      methods.add(method);
      newest = headers;
      const before = byPath.get(path);
      if (before !== undefined || byPath.size < MOST_PATHS) byPath.set(path, (before ?? 0) + 1);
    },
    total: () => total,
    of: (path) => byPath.get(path) ?? 0,
    paths: () => [...byPath.keys()],
    methods: () => [...methods],
    lastHeader(name) {
      const value = newest[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    clear() {
      byPath.clear();
      methods.clear();
      newest = {};
      total = 0;
    },
  };
}
