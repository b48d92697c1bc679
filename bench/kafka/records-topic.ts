import type { Settings } from '../measure/measured-sidecar.ts';

export const RECORDS_TOPIC = 'speed-racer';
export const RECORDS_PARTITIONS = 6;

/** Settings of a sidecar that delivers to the topic. */
export function recordsTopicSettings(bootstrapServers: readonly string[]): Settings {
  return {
    'sink.type': 'kafka',
    'kafka.brokers': bootstrapServers.join(','),
    'kafka.topic': RECORDS_TOPIC,
    'kafka.compression': 'gzip',
  };
}
