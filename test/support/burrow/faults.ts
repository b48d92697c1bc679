import type { Socket } from 'node:net';

/**
 * What goes wrong with a request.
 *
 * - `answer`: this answer instead of the true one (a status 500, text that is no JSON, a proxy's error page)
 * - `hang`: the request is taken and never answered
 * - `reset`: the connection is cut before a byte is sent
 * - `half`: the connection is cut after half of the true answer
 * - `delay`: the true answer, `delayMs` later
 * - `socket`: whatever is written on the connection by hand
 * - `empty`: Burrow while it warms up: every list is empty, no group or topic is known, and it is not ready
 */
export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly contentType?: string }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'half' }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'socket'; readonly answer: (socket: Socket) => void }
  | { readonly kind: 'empty' };

export interface FaultScope {
  /** Only the next so many requests fail; without it, all until `clear`. */
  readonly times?: number;
  /** `below` (default): the path and every path under it. `only`: that path alone. */
  readonly paths?: 'below' | 'only';
}

/** The faults in force. Paths are as they stand in the request line, without query and trailing slash. */
export interface Faults {
  /** Sets the fault of a path; `''` is the whole server. The most particular fault in force wins. */
  set(path: string, fault: Fault, scope?: FaultScope): void;
  /** Lifts the faults of one path, or all of them. */
  clear(path?: string): void;
}

/** The server's side of {@link Faults}. */
export interface FaultTable extends Faults {
  /** The fault for a request to `path`, which counts as one of its `times`. */
  take(path: string): Fault | null;
}

interface Entry {
  readonly path: string;
  readonly fault: Fault;
  readonly paths: 'below' | 'only';
  timesLeft: number;
}

export function createFaultTable(): FaultTable {
  let entries: readonly Entry[] = [];
  const matches = ({ path, paths }: Entry, asked: string): boolean =>
    path === asked || (paths === 'below' && asked.startsWith(`${path}/`));
  const isMoreParticular = (one: Entry, other: Entry | null): boolean =>
    other === null ||
    one.path.length > other.path.length ||
    (one.path.length === other.path.length && one.paths === 'only');

  return {
    set(path, fault, scope = {}) {
      const paths = scope.paths ?? 'below';
      const others = entries.filter((entry) => entry.path !== path || entry.paths !== paths);
      entries = [...others, { path, fault, paths, timesLeft: scope.times ?? Infinity }];
    },
    clear(path) {
      entries = path === undefined ? [] : entries.filter((entry) => entry.path !== path);
    },
    take(path) {
      let found: Entry | null = null;
      for (const entry of entries)
        if (entry.timesLeft > 0 && matches(entry, path) && isMoreParticular(entry, found)) found = entry;
      if (found === null) return null;
      found.timesLeft -= 1;
      return found.fault;
    },
  };
}
