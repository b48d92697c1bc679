import type { Subject, Tag } from '../record.ts';

/** The project's own tags; see docs/records-and-formats.md. */
export function rainbowTags(subject: Subject): readonly Tag[] {
  const tags: Tag[] = [['env', subject.cluster]];
  if (subject.group !== undefined) tags.push(['consumer', subject.group]);
  if (subject.topic !== undefined) tags.push(['topic', subject.topic]);
  if (subject.partition !== undefined) tags.push(['partition', String(subject.partition)]);
  if (subject.owner !== undefined) tags.push(['owner', subject.owner]);
  if (subject.clientId !== undefined) tags.push(['client_id', subject.clientId]);
  return tags;
}
