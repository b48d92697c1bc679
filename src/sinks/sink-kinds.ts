import type { Judge } from '../config/setting/judge.ts';
import { KAFKA_FAULT_CAUSES } from '../kafka/faults/fault-reasons.ts';
import { fileSettings } from './file/file-settings.ts';
import { kafkaSettings, type KafkaConfiguration } from './kafka/kafka-settings.ts';
import type { FormatName } from '../records/formats/formats.ts';
import type { SinkKind, SinkSettings } from './sink-kind.ts';
import { TCP_FAULT_CAUSES } from './transport/tcp-faults.ts';
import { wavefrontSettings, type WavefrontConfiguration } from './wavefront/wavefront-settings.ts';

const NO_SETTINGS = { sections: {}, sinkKeys: {}, resolve: () => ({}) } satisfies SinkSettings;

/** Every kind of destination, by its `sink.type`. What is said here is all that the other rooms know of it. */
export const SINK_KINDS = {
  kafka: {
    description: 'a topic of Kafka',
    delivered: 'all in-sync replicas have it',
    settings: kafkaSettings,
    ledger: 'topic',
    faultCauses: KAFKA_FAULT_CAUSES,
    place: ({ kafka: { brokers, topic } }: { readonly kafka: KafkaConfiguration }) => ({ brokers, topic }),
    load: () => import('./kafka/kafka-destination.ts'),
  },
  stdout: {
    description: 'standard output',
    delivered: 'the operating system has taken it',
    settings: NO_SETTINGS,
    ledger: 'path',
    faultCauses: ['other'],
    place: () => ({}),
    load: () => import('./stdout/stdout-sink.ts'),
  },
  file: {
    description: 'a file or a named pipe',
    delivered: 'the operating system has taken it',
    settings: fileSettings,
    ledger: 'path',
    faultCauses: ['silent', 'other'],
    place: () => ({}),
    load: () => import('./file/file-sink.ts'),
  },
  wavefront: {
    description: 'a Wavefront proxy, or any reader of its lines, over TCP',
    delivered:
      'the operating system has taken it, and the connection has then stayed whole for 200 ms; what was not delivered when a connection breaks is sent again, so the reader may get it twice',
    settings: wavefrontSettings,
    formats: ['wavefront'],
    ledger: 'path',
    faultCauses: TCP_FAULT_CAUSES,
    place: ({ wavefront: { address } }: WavefrontConfiguration) => ({ address }),
    load: () => import('./wavefront/wavefront-destination.ts'),
  },
} as const satisfies Readonly<Record<string, SinkKind>>;

export type SinkType = keyof typeof SINK_KINDS;
type Settings = (typeof SINK_KINDS)[SinkType]['settings'];

export const SINK_TYPES = Object.keys(SINK_KINDS) as [SinkType, ...SinkType[]];

/** All of the kinds in one. */
type Merged<Each> = (Each extends unknown ? (each: Each) => void : never) extends (all: infer All) => void
  ? All
  : never;

function merged<Part>(partOf: (settings: Settings) => Part): Merged<Part> {
  return Object.assign({}, ...SINK_TYPES.map((type) => partOf(SINK_KINDS[type].settings))) as Merged<Part>;
}

/** Their sections, for the schema. */
export const sinkSections = merged(({ sections }) => sections);

/** Their keys in the section `sink`, for the schema. */
export const sinkKeys = merged(({ sinkKeys: keys }) => keys);

// A kind without settings adds nothing, and in a union of all that is the empty type.
/* eslint-disable @typescript-eslint/no-generated-empty-object-type */
type Resolved = ReturnType<Settings['resolve']>;

/** What the configuration says of each kind, whether it is the one that is chosen or not. */
export type SinkConfigurations = Merged<Resolved>;

/** The settings that this takes. */
type GivenSettings = Merged<Parameters<Settings['resolve']>[1] & object>;

/** See `SinkSettings.resolve`. */
export function resolveSinks(judge: Judge, settings: GivenSettings): SinkConfigurations {
  return merged<Resolved>(({ resolve }) => resolve(judge, settings));
}
/* eslint-enable @typescript-eslint/no-generated-empty-object-type */

/** The format of the records: the default of the kind where none is set. Reports one that the kind does not take. */
export function resolveFormat(
  judge: Judge,
  { type, format }: { readonly type: SinkType; readonly format: FormatName },
): FormatName {
  const { formats }: SinkKind = SINK_KINDS[type];
  if (formats === undefined || formats.includes(format)) return format;
  const path = ['sink', 'format'];
  if (judge.isSet(path)) {
    const hint = `choose ${formats.join(' or ')}, or another sink`;
    judge.report(path, `cannot be ${format} for sink ${type}`, hint, ['sink', 'type']);
  }
  return formats[0];
}
