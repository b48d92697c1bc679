import fc from 'fast-check';
import {
  ALL_METRICS,
  exceptionMetric,
  rowOf,
  SUBJECT_KINDS,
  type Metric,
  type SubjectKind,
  type SubjectRow,
} from '../../src/records/metrics.ts';
import type { Subject } from '../../src/records/record.ts';

export const CLUSTER = 'prod';
/** The group or the topic that subjects belong to. */
export const OWNER_NAME = 'workers';

/** Every metric of the table, with one of an exception. */
export const EVERY_METRIC: readonly Metric[] = [...ALL_METRICS, exceptionMetric('offsetRewind')];

/** Every kind of subject with each of its metrics. */
export const EVERY_PAIR = EVERY_METRIC.flatMap((metric) =>
  rowOf(metric).of.map((kind) => [kind, metric] as const),
);

/** Any subject of a kind. */
export function subjectOf(kind: SubjectKind, name: fc.Arbitrary<string>): fc.Arbitrary<Subject> {
  const { about, needs, mayHave }: SubjectRow = SUBJECT_KINDS[kind];
  const facts = { topic: name, partition: fc.nat(2 ** 31 - 1), owner: name, clientId: name };
  const wanted: readonly (keyof typeof facts)[] = [...needs, ...mayHave];
  return fc
    .record(facts, { requiredKeys: [...needs] })
    .map(
      (all) =>
        Object.fromEntries(
          Object.entries(all).filter(([fact]) => wanted.includes(fact as keyof typeof facts)),
        ) as Partial<typeof all>,
    )
    .map((some) => ({
      kind,
      cluster: CLUSTER,
      ...(about === 'group' && { group: OWNER_NAME }),
      ...(about === 'topic' && { topic: OWNER_NAME }),
      ...some,
    }));
}

/** The key of messages about subjects of a kind. */
export function messageKeyOf(kind: SubjectKind): string {
  const { about }: SubjectRow = SUBJECT_KINDS[kind];
  const rest = { group: OWNER_NAME, topic: `topic/${OWNER_NAME}`, traffic: 'traffic' }[about];
  return `${CLUSTER}/${rest}`;
}
