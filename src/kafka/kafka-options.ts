import type { ConnectionOptions } from 'node:tls';
import type { BearerTokens } from './login/oauth-bearer.ts';

/** `kafka.compression`. `loadCodec` says whether this process can do one. */
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** As Node's own `tls.connect` takes them: PEM contents, not paths. */
export type KafkaTls = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'servername' | 'checkServerIdentity'
>;

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  /** Credentials come from the AWS default chain (environment, container role, instance profile). */
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string }
  /** One source for all clients that are made with these options. */
  | { readonly mechanism: 'oauthbearer'; readonly tokens: BearerTokens };

/** How to reach the brokers. */
export interface KafkaConnectionOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Deadline of one request. Default 30 s. */
  readonly timeoutMs?: number;
  readonly tls?: KafkaTls | undefined;
  readonly sasl?: KafkaSasl | undefined;
  /**
   * The current values of `tls` and `sasl`, of the same kinds; called for each new connection. Default: those of these
   * options.
   */
  readonly access?: (() => KafkaAccess) | undefined;
}

/** How a client authenticates itself and the brokers. */
export type KafkaAccess = Pick<KafkaConnectionOptions, 'tls' | 'sasl'>;

export interface KafkaSinkOptions extends KafkaConnectionOptions {
  readonly topic: string;
  readonly compression: Compression;
  /** Lines of one sample that share a message, joined by `\n`. 1 or more. */
  readonly linesPerMessage: number;
}
