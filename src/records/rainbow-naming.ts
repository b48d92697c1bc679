import type { Naming } from './naming.ts';
import type { Subject } from './record.ts';

/** The project's own names; see the record tables in the README. */
export function createRainbowNaming(prefix: string): Naming {
  return {
    nameParts(subject, metric) {
      const { cluster, group = '', topic = '' } = subject;
      const partition = String(subject.partition);
      switch (subject.kind) {
        case 'cluster':
          return [prefix, cluster, metric];
        case 'group':
        case 'maxLag':
          return [prefix, cluster, group, metric];
        case 'groupTopic':
          return [prefix, cluster, group, topic, 'totalLag'];
        case 'partition':
          return metric === 'hosts'
            ? [prefix, cluster, group, 'hosts', topic, partition]
            : [prefix, cluster, group, topic, partition, metric];
        case 'host':
          return [prefix, cluster, group, 'hosts', partition];
        case 'topicPartition':
          return metric === 'offsetRate'
            ? [prefix, cluster, 'topic', topic, 'offsetRate', partition]
            : [prefix, cluster, 'topic', topic, partition, metric];
      }
    },

    tags: rainbowTags,
  };
}

function rainbowTags(subject: Subject): readonly (readonly [string, string])[] {
  const tags: [string, string][] = [['env', subject.cluster]];
  if (subject.group !== undefined) tags.push(['consumer', subject.group]);
  if (subject.topic !== undefined) tags.push(['topic', subject.topic]);
  if (subject.partition !== undefined) tags.push(['partition', String(subject.partition)]);
  if (subject.owner !== undefined) tags.push(['owner', subject.owner]);
  if (subject.clientId !== undefined) tags.push(['client_id', subject.clientId]);
  return tags;
}
