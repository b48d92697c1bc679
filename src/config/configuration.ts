import type { FormatName } from '../records/formats/formats.ts';
import type { SinkConfigurations, SinkType } from '../sinks/sink-kinds.ts';
import type { Settings } from './schema.ts';
import type { TlsClient, TlsFiles } from './setting/resolve-tls.ts';
import type { WithUnits } from './setting/units.ts';

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

type Given = WithUnits<Settings>;

/**
 * Everything a user may set, complete, checked and with secrets read. Paths are absolute. A section is as the schema has
 * it, with units in its names; named here is what is made of more than one key. What belongs to one kind of destination
 * is beside it, in `src/sinks/`.
 */
export interface Configuration
  extends
    SinkConfigurations,
    Omit<
      Given,
      keyof SinkConfigurations | 'burrow' | 'series' | 'sink' | 'outbox' | 'ledger' | 'http' | 'log'
    > {
  readonly burrow: Omit<Given['burrow'], 'servers'> & { readonly servers: readonly BurrowServer[] };
  readonly series: Omit<Given['series'], 'source' | 'zeroTolerance'> & {
    /** Value of the source tag. */
    readonly source: string;
    readonly zeroToleranceRecords: number;
  };
  readonly sink: { readonly type: SinkType; readonly format: FormatName };
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
  readonly log: Omit<Given['log'], 'pretty'> & { readonly pretty: 'auto' | boolean };
}
