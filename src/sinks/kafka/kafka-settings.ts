import type { z } from 'zod';
import { addresses } from '../../config/setting/addresses.ts';
import type { Judge } from '../../config/setting/judge.ts';
import { resolveTlsSection, type TlsClient } from '../../config/setting/resolve-tls.ts';
import {
  choice,
  duration,
  optionalWholeNumber,
  section,
  text,
  tlsSection,
  yesOrNo,
} from '../../config/setting/setting.ts';
import { FORMATS, type FormatName } from '../../records/formats/formats.ts';
import type { SinkSettings } from '../sink-kind.ts';
import { resolveSasl, saslSection, type SaslConfiguration } from './sasl-settings.ts';

/** What Kafka takes for a topic's name. */
export const KAFKA_TOPIC = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

const kafkaSection = section({
  brokers: addresses({
    like: 'kafka-1:9092',
    each: 'broker',
    description: 'Brokers to start from; required for sink kafka',
  }),
  topic: text({
    default: 'speed-racer',
    shape: KAFKA_TOPIC,
    rule: 'must be a Kafka topic name: up to 249 letters, digits, dots, _ and -',
    description: 'Where the records are produced',
  }),
  clientId: text({
    default: 'burrow-rainbow',
    shape: /^[A-Za-z0-9._-]{1,249}$/,
    rule: 'must be up to 249 letters, digits, dots, _ and -',
    description: "What the brokers' logs and quotas call this client",
  }),
  timeout: duration({
    default: '30s',
    least: '1s',
    description: 'Deadline of one request; a broker that misses it is avoided for a while',
  }),
  compression: choice(['none', 'gzip', 'snappy', 'lz4', 'zstd'], {
    default: 'gzip',
    description: 'Compression of the messages',
  }),
  linesPerMessage: optionalWholeNumber({
    least: 1,
    most: 10_000,
    description: 'Lines in one message, of one group or topic; by default 50, and 1 with sink.format json',
  }),
  transactions: yesOrNo({
    default: false,
    description:
      'One transaction a batch, ledger included: readers of committed records see each record once',
  }),
  tls: tlsSection({ description: 'Speak TLS to the brokers' }),
  sasl: saslSection,
});

/** How to reach Kafka, and how to write there. */
export interface KafkaConfiguration {
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
  readonly sasl: SaslConfiguration | null;
}

/** What of the settings decides on these. */
interface Given {
  readonly kafka: z.output<typeof kafkaSection>;
  readonly sink: { readonly type: string; readonly format: FormatName };
  readonly ledger: { readonly enabled: boolean };
}

/** What the Kafka sink needs. Reports what is missing or would be ignored. */
function resolve(judge: Judge, { kafka, sink, ledger }: Given): { readonly kafka: KafkaConfiguration } {
  if (sink.type === 'kafka' && kafka.brokers.length === 0) {
    judge.report(
      ['kafka', 'brokers'],
      'must list at least one broker for sink kafka',
      'set kafka.brokers or RAINBOW_KAFKA_BROKERS, or try --sink stdout',
      ['sink', 'type'],
    );
  }
  if (kafka.transactions && sink.type === 'kafka' && !ledger.enabled) {
    judge.report(
      ['kafka', 'transactions'],
      'needs the ledger, which is a part of each transaction',
      'set ledger.enabled: true, or kafka.transactions: false',
      ['ledger', 'enabled'],
    );
  }
  const { timeout, ...rest } = kafka;
  const resolved = {
    ...rest,
    timeoutMs: timeout,
    linesPerMessage: kafka.linesPerMessage ?? FORMATS[sink.format].unitsPerMessage,
    tls: resolveTlsSection(judge, ['kafka', 'tls'], kafka.tls),
    sasl: resolveSasl(judge, kafka.sasl, kafka.tls.enabled),
  };
  return { kafka: resolved };
}

export const kafkaSettings = {
  sections: { kafka: kafkaSection },
  sinkKeys: {},
  resolve,
} satisfies SinkSettings;
