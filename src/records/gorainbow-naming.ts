import type { Naming } from './naming.ts';
import type { Metric, Subject } from './record.ts';

/**
 * Names and tags as goRainbow's master wrote them, quirks included, so that its dashboards go on working:
 * `maxLagmaxLagPartitionID`; the host's rate named by partition only and tagged by owner only; the producer's
 * rate tagged with its topic as `owner`; `partitionId` for a topic's partition. Series that goRainbow did not
 * have (`lagSeconds`, `status`) are named in the same manner. Its `maxLagTopic`, whose value was no number, is
 * left out.
 */
export function createGoRainbowNaming(prefix: string): Naming {
  return {
    nameParts(subject, metric) {
      const { cluster, group = '', topic = '' } = subject;
      const partition = String(subject.partition);
      switch (subject.kind) {
        case 'cluster':
          return [prefix, cluster, metric];
        case 'group':
          return [prefix, cluster, group, metric];
        case 'maxLag':
          return [
            prefix,
            cluster,
            group,
            metric === 'maxLagPartitionID' ? 'maxLagmaxLagPartitionID' : metric,
          ];
        case 'partition':
          return metric === 'hosts'
            ? [prefix, cluster, group, 'hosts', partition]
            : [prefix, cluster, group, topic, partition, metric];
        case 'topicPartition':
          return metric === 'offsetRate'
            ? [prefix, cluster, 'topic', topic, 'offsetRate', partition]
            : [prefix, cluster, 'topic', topic, partition, metric];
      }
    },

    tags: goRainbowTags,
  };
}

function goRainbowTags(subject: Subject, metric: Metric): readonly (readonly [string, string])[] {
  const { cluster, group = '', topic = '', owner } = subject;
  const partition = String(subject.partition);
  const ownerTag: [string, string][] = owner === undefined ? [] : [['owner', owner]];
  switch (subject.kind) {
    case 'cluster':
      return [['env', cluster]];
    case 'group':
      return [
        ['env', cluster],
        ['consumer', group],
      ];
    case 'maxLag':
      return [['env', cluster], ['consumer', group], ...ownerTag];
    case 'partition':
      if (metric === 'hosts') return ownerTag;
      return [['env', cluster], ['consumer', group], ['topic', topic], ['partition', partition], ...ownerTag];
    case 'topicPartition':
      if (metric === 'offsetRate') return [['owner', topic]];
      return [
        ['topic', topic],
        ['partitionId', partition],
      ];
  }
}
