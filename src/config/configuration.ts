import type { SinkConfigurations, SinkType } from '../sinks/sink-kinds.ts';
import type { NamePattern } from './setting/name-pattern.ts';
import type { TlsClient, TlsFiles } from './setting/resolve-tls.ts';

/** Which names are followed: those that `allow` finds something in and `deny` does not. Neither keeps state. */
export interface NameFilter {
  readonly allow: NamePattern;
  /** An empty deny in the configuration is an expression that matches nothing. */
  readonly deny: NamePattern;
}

export interface BurrowServer {
  /** Scheme, host, port, and a path where a proxy wants one; no credentials, no slash at the end. */
  readonly url: string;
  /** As configured, else host:port. Differs from every other server's. */
  readonly name: string;
  /** Present when and only when `password` is. */
  readonly username?: string;
  readonly password?: string;
  /** Only for https; absent: Node's own authorities, no client certificate. */
  readonly tls?: TlsClient;
  /** Our names for its clusters, by its own; absent: all keep theirs. No two of ours are the same. */
  readonly clusters?: Readonly<Record<string, string>>;
}

/**
 * Everything a user may set, complete, checked and with secrets read. Paths are absolute. What belongs to one kind of
 * destination is beside it, in `src/sinks/`.
 */
export interface Configuration extends SinkConfigurations {
  readonly burrow: {
    /** One or more. */
    readonly servers: readonly BurrowServer[];
    readonly timeoutMs: number;
    /** Requests in flight per server. */
    readonly concurrency: number;
  };
  readonly discovery: {
    readonly intervalMs: number;
    readonly clusters: NameFilter;
    readonly groups: NameFilter;
    readonly topics: NameFilter;
    /** Discoveries in a row that must lack a group or topic before it may be dead, 1 or more. */
    readonly deadAfter: number;
    /** Over all clusters. */
    readonly maxGroups: number;
  };
  readonly poll: {
    readonly intervalMs: number;
    readonly push: 'also' | 'only' | 'off';
    /** With `push` only: every group is polled this often all the same. Not less than `intervalMs`. */
    readonly pushSafetyMs: number;
  };
  readonly series: {
    readonly prefix: string;
    readonly naming: 'rainbow' | 'gorainbow';
    /** Value of the source tag. */
    readonly source: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly seriesTags: readonly ('owner' | 'client_id')[];
    readonly confirmZero: number;
    readonly zeroToleranceRecords: number;
    readonly closeOnStop: boolean;
  };
  readonly sink: { readonly type: SinkType; readonly format: 'wavefront' | 'json' };
  readonly outbox: {
    readonly memoryBytes: number;
    /** `path` '': memory only. */
    readonly disk: { readonly path: string; readonly maxBytes: number; readonly bytesPerSecond: number };
  };
  /** One at most is not '': the topic for sink kafka, the path for any other. Both '': no ledger. */
  readonly ledger: { readonly topic: string; readonly path: string };
  readonly http: {
    /** A name, or an address without brackets; '': every address of the machine. */
    readonly host: string;
    /** 0: any free port. */
    readonly port: number;
    /** Absent: nothing asks for a token. */
    readonly token?: string;
    /** Null: no TLS. `certFile` and `keyFile` are there; with `caFile`, clients need a certificate, too. */
    readonly tls: TlsFiles | null;
  };
  readonly health: { readonly burrowSilentMs: number; readonly sinkSilentMs: number };
  /** How long a stop may take. */
  readonly stop: { readonly deadlineMs: number };
  /** What `/metrics` shows besides the groups, and whether the token of `http` is wanted there, too. */
  readonly metrics: {
    readonly partitions: boolean;
    readonly partitionOwners: boolean;
    readonly protected: boolean;
  };
  readonly log: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
    readonly pretty: 'auto' | boolean;
  };
}
