import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { headingsOf } from './markdown.ts';
import { readText } from './pages.ts';

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert?: string }[] }[];
}

const { groups } = parse(readText('examples/prometheus/alerts.rules.yml')) as Rules;
const alerts = groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));

describe('given the page of alerts', () => {
  const page = readText('docs/alerts-and-runbooks.md');

  test('when its sections are listed, then each alert of the example rules has one, and no others do', () => {
    const sections = headingsOf(page).filter(({ depth }) => depth === 3);
    expect(sections.map(({ text }) => text)).toEqual(alerts);
  });

  test.each(alerts)(
    'when %s fires, then its section says what it means, what to look at, what to do',
    (alert) => {
      const [, rest = ''] = page.split(`### ${alert}\n`);
      const [section = ''] = rest.split(/^##/m);
      for (const lead of ['**Meaning.**', '**Look at**', '**Do**']) expect(section).toContain(lead);
    },
  );
});
