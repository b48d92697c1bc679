import { cleanText } from './clean-text.ts';
import type { Naming } from './naming.ts';
import type { Metric, Subject } from './record.ts';

/**
 * Names and tags as goRainbow's master wrote them, quirks included, so that its dashboards go on working:
 * `maxLagmaxLagPartitionID`; the host's rate named by partition only and tagged by owner only; the producer's
 * rate tagged with its topic as `owner`; `partitionId` for a topic's partition. Series that goRainbow did not
 * have (`lagSeconds`, `status`) are named in the same manner. Its `maxLagTopic`, whose value was no number, is
 * left out.
 *
 * Where its tags leave out the cluster or the group, a name has to tell them apart. Of a cluster or a group whose name
 * stands in it altered, or of a cluster with a dot, it cannot: these have their tag in addition.
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
        case 'groupTopic':
          return [prefix, cluster, group, topic, 'totalLag'];
        case 'partition':
          return metric === 'hosts'
            ? [prefix, cluster, group, 'hosts', partition]
            : [prefix, cluster, group, topic, partition, metric];
        case 'host':
          return [prefix, cluster, group, 'hosts', partition];
        case 'topicPartition':
          return metric === 'offsetRate'
            ? [prefix, cluster, 'topic', topic, 'offsetRate', partition]
            : [prefix, cluster, 'topic', topic, partition, metric];
      }
    },

    tags: goRainbowTags,
  };
}

type Tag = readonly [key: string, value: string];

function goRainbowTags(subject: Subject, metric: Metric): readonly Tag[] {
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
    case 'groupTopic':
      return [
        ['env', cluster],
        ['consumer', group],
        ['topic', topic],
      ];
    case 'maxLag':
      return [['env', cluster], ['consumer', group], ...ownerTag];
    case 'partition':
      if (metric === 'hosts') return [...clusterTag(cluster), ...groupTag(group), ...ownerTag];
      return [['env', cluster], ['consumer', group], ['topic', topic], ['partition', partition], ...ownerTag];
    case 'host':
      return [...clusterTag(cluster), ...groupTag(group), ...ownerTag];
    case 'topicPartition':
      if (metric === 'offsetRate') return [...clusterTag(cluster), ['owner', topic]];
      return [...clusterTag(cluster), ['topic', topic], ['partitionId', partition]];
  }
}

/** None where names have the cluster as it is, and what follows its dot cannot be meant for a part of it. */
function clusterTag(cluster: string): readonly Tag[] {
  return /^[-_a-zA-Z0-9]{1,249}$/.test(cluster) ? [] : [['env', orUnknown(cluster)]];
}

function groupTag(group: string): readonly Tag[] {
  return /^[-_.a-zA-Z0-9]{1,249}$/.test(group) ? [] : [['consumer', orUnknown(group)]];
}

/** A blank tag would be left out. */
function orUnknown(name: string): string {
  return cleanText(name).trim() === '' ? 'unknown' : name;
}
