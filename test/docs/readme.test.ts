import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { METRIC_ROWS } from '../../src/telemetry/metric-rows.ts';
import { describeConfiguration } from '../config/describe-configuration.ts';
import { readWavefrontLine } from '../integration/support/wavefront-reader.ts';
import { fencesOf } from './markdown.ts';
import { readText } from './pages.ts';

const readme = readText('README.md');

/** The cells of each row of the table whose first column has this title; its head is left out. */
function rowsOf(title: string): readonly (readonly string[])[] {
  const [, table = ''] = readme.split(`\n| ${title} |`);
  const [rows = ''] = table.split('\n\n');
  return rows
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')));
}

describe('given the README', () => {
  test('when it is weighed, then it has at most 8 KB', () => {
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(8 * 1024);
  });

  test('when its ten settings are looked up, then each is one, with this default', () => {
    const settings = new Map(describeConfiguration().map(({ path, default: preset }) => [path, preset]));
    const rows = rowsOf('key');
    expect(rows).toHaveLength(10);
    for (const [, key = '', preset = ''] of rows) {
      expect([...settings.keys()]).toContain(key);
      // Where the default is no single word, the README says in words what it is.
      if (/^\S+$/.test(preset)) expect([key, preset]).toEqual([key, settings.get(key)]);
    }
  });

  test('when its ten metrics are looked up, then each is one', () => {
    const names = METRIC_ROWS.map(({ name }) => name);
    const rows = rowsOf('metric');
    expect(rows).toHaveLength(10);
    for (const [, name = ''] of rows) expect(names).toContain(name);
  });

  test('when its configuration is read, then it is the smallest of the examples', () => {
    const [yaml] = fencesOf(readme).filter(({ info }) => info === 'yaml');
    expect(parse(yaml?.code ?? '')).toEqual(parse(readText('examples/rainbow.minimal.yaml')));
  });

  test('when its record is read, then a reader of the topic understands it', () => {
    const line = fencesOf(readme).find(({ code }) => code.startsWith('burrow.'))?.code ?? '';
    expect(readWavefrontLine(line)).toMatchObject({ value: 1520 });
  });
});
