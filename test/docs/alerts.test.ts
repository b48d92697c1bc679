import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { headingsOf } from './markdown.ts';
import { readText } from './pages.ts';

interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}
interface Rule {
  readonly alert?: string;
  readonly annotations?: Readonly<Record<string, string>>;
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

  test('when an alert is sent, then its runbook_url leads to its section', () => {
    const anchors = new Map(headingsOf(page).map(({ text, anchor }) => [text, anchor]));
    const rules = groups.flatMap((group) => group.rules).filter(({ alert }) => alert !== undefined);
    expect(rules.map(({ annotations }) => annotations?.['runbook_url'])).toEqual(
      rules.map(
        ({ alert = '' }) =>
          `https://git.example.com/burrow-rainbow/blob/main/docs/alerts-and-runbooks.md#${anchors.get(alert) ?? 'missing'}`,
      ),
    );
  });
});
