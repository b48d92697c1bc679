import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { describeConfiguration } from '../config/describe-configuration.ts';
import { ERROR_CODES } from '../../src/platform/rainbow-error.ts';
import type { SinkKind } from '../../src/sinks/sink-kind.ts';
import { SINK_KINDS } from '../../src/sinks/sink-kinds.ts';
import { EXCEPTIONS } from '../../src/telemetry/exceptions.ts';
import { METRIC_ROWS } from '../../src/telemetry/metric-rows.ts';
import type { Format } from '../../src/records/formats/format.ts';
import { FORMATS } from '../../src/records/formats/formats.ts';
import { METRICS, SUBJECT_KINDS, type MetricRow, type SubjectRow } from '../../src/records/metrics.ts';
import { NAMINGS } from '../../src/records/naming/naming.ts';
import { readText, writeText } from './pages.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** The settings as the schema has them, a table a section. Environment variables follow from the key and are left out. */
function settingsTables(): readonly string[] {
  let section = '';
  return describeConfiguration().flatMap(({ path: key, type, default: preset, description }) => {
    const [first = ''] = key.split('.');
    const head =
      first === section
        ? []
        : ['', `### ${first}`, '', '| key | type | default | meaning |', '|---|---|---|---|'];
    section = first;
    const shown = preset === '' ? '' : `\`${cell(preset)}\``;
    return [...head, `| \`${key}\` | ${cell(type)} | ${shown} | ${cell(description)} |`];
  });
}

function errorsTable(): readonly string[] {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { meaning, cause, remedy }]) =>
      `| \`${code}\` | ${cell(meaning)} | ${cell(cause)} | ${cell(remedy)} |`,
  );
  return ['| code | what happened | likely cause | what to do |', '|---|---|---|---|', ...rows];
}

function exceptionsTable(): readonly string[] {
  const rows = Object.entries(EXCEPTIONS).map(
    ([kind, { happened, cause, remedy }]) =>
      `| \`${kind}\` | ${cell(happened)} | ${cell(cause)} | ${cell(remedy)} |`,
  );
  return ['| kind | what happened | likely cause | what to do |', '|---|---|---|---|', ...rows];
}

function metricsTable(): readonly string[] {
  const rows = METRIC_ROWS.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${cell(help)} |`,
  );
  const last =
    '| `process_*` `nodejs_*` | | | Of the process itself: CPU, memory, file handles, event loop. |';
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows, last];
}

function destinationsTable(): readonly string[] {
  const rows = Object.entries<SinkKind>(SINK_KINDS).map(
    ([type, { description, delivered, formats, ledger, faultCauses }]) =>
      `| \`${type}\` | ${cell(description)} | ${formats?.join(', ') ?? 'all'} | ${cell(delivered)} | \`ledger.${ledger}\` | ${faultCauses.join(', ')} |`,
  );
  return [
    '| `sink.type` | records go to | formats | a record counts as delivered when | open series are remembered in | causes of faults |',
    '|---|---|---|---|---|---|',
    ...rows,
  ];
}

/** The metrics with their names in the project's own naming, and in Influx's line protocol. */
function recordsTable(): readonly string[] {
  const rows = Object.values(METRICS).map(({ family, of: [kind], names, field, meaning }: MetricRow) => {
    const row: SubjectRow = SUBJECT_KINDS[kind ?? 'cluster'];
    const facts: readonly string[] = [...row.needs, ...row.mayHave];
    const all = { cluster: '', group: '', topic: '', partition: 0, owner: '', clientId: '' };
    const wanted = Object.entries(all).filter(
      ([fact]) => fact === 'cluster' || fact === row.about || facts.includes(fact),
    );
    // What tells the partition with the most lag is its topic in this naming.
    const subject = Object.fromEntries(
      wanted.filter(([fact]) => kind !== 'maxLag' || !/owner|client/.test(fact)),
    );
    const tags = NAMINGS.rainbow.tagsOf({ kind: kind ?? 'cluster', cluster: '', ...subject });
    const shown = tags.map(([key]) => `\`${key}\``).join(' ');
    return `| ${family} | \`${names.rainbow}\` | ${meaning} | ${shown} | \`${row.measurement}\` \`${field}\` |`;
  });
  return ['| family | name | value | tags | with `influx` |', '|---|---|---|---|---|', ...rows];
}

function formatsTable(): readonly string[] {
  const rows = Object.entries<Format>(FORMATS).map(
    ([name, { description, namings }]) => `| \`${name}\` | ${description} | ${namings.join(', ')} |`,
  );
  return ['| `sink.format` | unit | `series.naming` |', '|---|---|---|', ...rows];
}

describe('given the pages with tables of the source', () => {
  test.each([
    ['records-and-formats', 'records', recordsTable],
    ['records-and-formats', 'formats', formatsTable],
    ['records-and-formats', 'destinations', destinationsTable],
    ['configuration', 'configuration', settingsTables],
    ['metrics', 'metrics', metricsTable],
    ['troubleshooting', 'exceptions', exceptionsTable],
    ['troubleshooting', 'errors', errorsTable],
  ])('when %s is read, then its table of %s is the one of the source', async (page, name, tableOf) => {
    const path = `docs/${page}.md`;
    const begin = `<!-- ${name}: written by UPDATE_DOCS=1 -->\n`;
    const end = `<!-- end of ${name} -->`;
    const text = readText(path);
    expect(text).toContain(begin);
    const [before = '', rest = ''] = text.split(begin);
    const [table = '', after = ''] = rest.split(end);
    const wanted = `\n${await format(tableOf().join('\n'), { parser: 'markdown' })}\n`;
    // `UPDATE_DOCS=1 npm test -- --project unit test/docs` writes the tables anew.
    if (process.env['UPDATE_DOCS'] === '1') writeText(path, before + begin + wanted + end + after);
    else expect(table).toBe(wanted);
  });
});
