import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNotifierBody } from '../../src/http/notifier-body.ts';

const MAXLAG = /\{\{with \.Result\.Maxlag\}\}(.*)\{\{else\}\}(.*)\{\{end\}\}/;
const ENCODED = /\{\{jsonencoder \.([\w.]+)\}\}/g;

function readTemplate(event: string): string {
  const file = new URL(`../../examples/burrow/rainbow-${event}.tmpl`, import.meta.url);
  return readFileSync(file, 'utf8').replace(/^\{\{- \/\*[^]*?\*\/ -\}\}\s*/, '');
}

/** Does what Burrow does with the few actions that our templates use. */
function render(template: string, values: Readonly<Record<string, unknown>>, maxlag: boolean): string {
  return template
    .replace(MAXLAG, (_all, some: string, none: string) => (maxlag ? some : none))
    .replace(ENCODED, (_all, field: string) => JSON.stringify(values[field] ?? 7));
}

describe.each(['open', 'close'])('given the template for %s', (event) => {
  const template = readTemplate(event);

  test('when its actions are listed, then every value goes through jsonencoder', () => {
    const rest = template.replace(MAXLAG, '$1$2').replace(ENCODED, '');
    expect(rest).not.toContain('{{');
    expect([...template.matchAll(ENCODED)].map(([, field]) => field)).toEqual(
      'ID Cluster Group Start Result.Status Result.TotalLag Result.TotalPartitions Topic Partition Status CurrentLag'.split(
        ' ',
      ),
    );
  });

  test('when names hold anything at all, then the receiver understands what it renders', () => {
    const name = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(name, name, fc.boolean(), (cluster, group, maxlag) => {
        const values = { ID: 'id-1', Cluster: cluster, Group: group, 'Result.Status': 'WARN' };
        const body = render(template, values, maxlag);
        expect(parseNotifierBody(Buffer.from(body), false)).toEqual({
          kind: 'events',
          events: [{ cluster, group, event, status: 'WARN', id: 'id-1' }],
          faults: [],
        });
      }),
    );
  });
});
