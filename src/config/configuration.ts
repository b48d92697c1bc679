import type { NamePattern } from './name-pattern.ts';

/** Which names are followed: those that `allow` finds something in and `deny` does not. Neither keeps state. */
export interface NameFilter {
  readonly allow: NamePattern;
  /** An empty deny in the configuration is an expression that matches nothing. */
  readonly deny: NamePattern;
}

/** Absolute paths of PEM files. When the configuration was loaded they could be used, and belonged together. */
export interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  /** Present when and only when `certFile` is. */
  readonly keyFile?: string;
  /** What decrypts the key, where that is encrypted. */
  readonly keyPassphrase?: string;
}

/** How to speak TLS to a server. Without `caFile`: Node's own authorities. */
export interface TlsClient extends TlsFiles {
  /** Asked for, and looked for in the certificate, instead of the host that is connected to. */
  readonly serverName?: string;
  /** False: any name in a certificate of a trusted authority will do. */
  readonly verifyHostname: boolean;
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

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string }
  | {
      readonly mechanism: 'oauthbearer';
      /** http or https, without credentials. */
      readonly tokenEndpoint: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope?: string;
      /** Authorities of the endpoint; absent: those of Node. */
      readonly tokenEndpointCaFile?: string;
    };

/** Everything a user may set, complete, checked and with secrets read. Paths are absolute. */
export interface Configuration {
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
  readonly sink: {
    readonly type: 'kafka' | 'stdout' | 'file';
    readonly format: 'wavefront' | 'json';
    /** '' unless `type` is file. */
    readonly file: string;
  };
  readonly kafka: {
    /** `host:port`; never empty when the sink is kafka. */
    readonly brokers: readonly string[];
    readonly topic: string;
    readonly clientId: string;
    /** Deadline of one request. */
    readonly timeoutMs: number;
    readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
    readonly linesPerMessage: number;
    readonly transactions: boolean;
    /** Null: no TLS. */
    readonly tls: TlsClient | null;
    /** Null: no login. */
    readonly sasl: KafkaSasl | null;
  };
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
