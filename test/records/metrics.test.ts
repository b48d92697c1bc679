import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ALL_METRICS, METRICS, rowOf, SUBJECT_KINDS, withRiders } from '../../src/records/metrics.ts';
import { createNaming, NAMING_NAMES } from '../../src/records/naming/naming.ts';
import type { Subject } from '../../src/records/record.ts';

const root = new URL('../../src/', import.meta.url);
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));

/** Files that work with records: elsewhere the same words are fields of Burrow's answers or of the API. */
const withRecords = sources.filter(
  ({ path, text }) => path.startsWith('records/') || /from '(?:\.\.\/)+records\//.test(text),
);

describe('given the table of metrics', () => {
  const filesThatName = (metric: string): string[] =>
    withRecords
      .filter(({ path, text }) => path !== 'records/metrics.ts' && text.includes(`'${metric}'`))
      .map(({ path }) => path);

  test.each(ALL_METRICS)('when %s is looked for, then some place among the series computes it', (metric) => {
    expect(filesThatName(metric).filter((path) => path.startsWith('series/'))).not.toEqual([]);
  });

  test('when a metric rides on another one, then nothing but the place that computes it names it', () => {
    const riders = ALL_METRICS.filter((metric) => rowOf(metric).ridesOn !== undefined);
    for (const metric of riders) expect(filesThatName(metric), metric).toHaveLength(1);
  });

  test('when other files are looked through, then none lists metrics: at most it follows a single one', () => {
    const others = ALL_METRICS.flatMap(filesThatName).filter((path) => !path.startsWith('series/'));
    expect(others.filter((path, index) => others.indexOf(path) !== index)).toEqual([]);
    expect(others.filter((path) => path.startsWith('records/'))).toEqual([]);
  });

  test('when a metric rides on another one, then both are of one kind, and that one has a span of its own', () => {
    for (const metric of ALL_METRICS) {
      const { ridesOn, of } = rowOf(metric);
      if (ridesOn === undefined) continue;
      const carrier = METRICS[ridesOn as keyof typeof METRICS];
      expect(carrier).toMatchObject({ of });
      expect(carrier).not.toHaveProperty('ridesOn');
      expect(withRiders(ridesOn as (typeof ALL_METRICS)[number])).toContain(metric);
    }
  });

  test.each(NAMING_NAMES)(
    'when names are those of %s, then metrics of a subject differ in the last word',
    (name) => {
      const naming = createNaming(name, 'burrow');
      const subject = { cluster: 'c', group: 'g', topic: 't', partition: 2 };
      for (const kind of Object.keys(SUBJECT_KINDS) as Subject['kind'][]) {
        const metrics = ALL_METRICS.filter((metric) => rowOf(metric).of.includes(kind));
        const plain = metrics.filter((metric) => naming.wordOf(metric) !== '');
        const stems = plain.map((metric) => naming.stemOf({ kind, ...subject }, metric).join('.'));
        expect(new Set(stems).size).toBeLessThanOrEqual(1);
        expect(new Set(plain.map((metric) => naming.wordOf(metric))).size).toBe(plain.length);
        const tags = plain.map((metric) => JSON.stringify(naming.tagsOf({ kind, ...subject }, metric)));
        expect(new Set(tags).size).toBeLessThanOrEqual(1);
      }
    },
  );

  test('when fields are those of one kind of subject, then they differ', () => {
    for (const kind of Object.keys(SUBJECT_KINDS) as Subject['kind'][]) {
      const fields = ALL_METRICS.filter((metric) => rowOf(metric).of.includes(kind)).map(
        (metric) => rowOf(metric).field,
      );
      expect(new Set(fields).size).toBe(fields.length);
    }
  });
});
