import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { describeConfiguration } from '../src/config/settings-list.ts';

const path = new URL('../README.md', import.meta.url);
const BEGIN = '<!-- configuration table: held against the schema by a test -->\n';
const END = '<!-- end of configuration table -->';

/** The reference table as the schema has it. Environment variables follow from the key and are left out. */
async function tableFromSchema(): Promise<string> {
  const rows = describeConfiguration().map(
    ({ path: key, type, default: preset, description }) =>
      `| \`${key}\` | ${cell(type)} | ${preset === '' ? '' : `\`${cell(preset)}\``} | ${cell(description)} |`,
  );
  const table = ['| key | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
  return `\n${await format(table, { parser: 'markdown' })}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

describe('given the README', () => {
  test('when it lists the settings, then they are those of the schema', async () => {
    const readme = readFileSync(path, 'utf8');
    const [before = '', rest = ''] = readme.split(BEGIN);
    const [table = '', after = ''] = rest.split(END);
    const wanted = await tableFromSchema();
    // `UPDATE_README=1 npm test -- test/readme.test.ts` writes the table anew.
    if (process.env['UPDATE_README'] === '1') writeFileSync(path, before + BEGIN + wanted + END + after);
    else expect(table).toBe(wanted);
  });
});
