import { cleanText } from '../clean-text.ts';
import { rowOf, type Metric } from '../metrics.ts';
import type { Subject, Tag } from '../record.ts';

/**
 * Tags as goRainbow's master wrote them, so that its dashboards go on working: the consumer's rate is tagged by owner
 * only, the producer's rate with its topic as `owner`, and a topic's partition is `partitionId`. Its `maxLagTopic`,
 * whose value was no number, is left out.
 *
 * Where these leave out the cluster or the group, a name has to tell them apart. It cannot where it shows them altered,
 * or where a cluster has a dot: then they have their tag in addition.
 */
export function goRainbowTags(subject: Subject, metric: Metric): readonly Tag[] {
  const { cluster, group, topic, owner } = subject;
  const partition = String(subject.partition);
  const ownerTag: Tag[] = owner === undefined ? [] : [['owner', owner]];
  if (rowOf(metric).unit === 'recordsPerMinute') {
    return group === undefined
      ? [...clusterTag(cluster), ['owner', topic ?? '']]
      : [...clusterTag(cluster), ...groupTag(group), ...ownerTag];
  }
  if (subject.kind === 'topicPartition') {
    return [...clusterTag(cluster), ['topic', topic ?? ''], ['partitionId', partition]];
  }
  const tags: Tag[] = [['env', cluster]];
  if (group !== undefined) tags.push(['consumer', group]);
  if (topic !== undefined && subject.kind !== 'maxLag') tags.push(['topic', topic]);
  if (subject.partition !== undefined) tags.push(['partition', partition]);
  return [...tags, ...ownerTag];
}

/** None where names have the cluster as it is, and what follows its dot cannot be meant for a part of it. */
function clusterTag(cluster: string): readonly Tag[] {
  return /^[-_a-zA-Z0-9]{1,249}$/.test(cluster) ? [] : [['env', orUnknown(cluster)]];
}

function groupTag(group: string): readonly Tag[] {
  return /^[-_.a-zA-Z0-9]{1,249}$/.test(group) ? [] : [['consumer', orUnknown(group)]];
}

/** A blank tag would be left out; two blank names are still two. */
function orUnknown(name: string): string {
  if (cleanText(name).trim() !== '') return name;
  return ['unknown', ...Array.from(name, (character) => character.codePointAt(0)?.toString(16))].join('-');
}
