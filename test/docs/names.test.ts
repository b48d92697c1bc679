import { describe, expect, test } from 'vitest';
import { commands, flags } from '../../src/config/flags.ts';
import { DROP_CAUSES } from '../../src/outbox/outbox.ts';
import { METRIC_ROWS } from '../../src/telemetry/metric-rows.ts';
import { describeConfiguration } from '../config/describe-configuration.ts';
import { serve } from '../http/serve.ts';
import { fencesOf } from './markdown.ts';
import { pages, readText } from './pages.ts';

const settings = describeConfiguration();
const sections = [...new Set(settings.map(({ path }) => path.split('.')[0] ?? ''))];
const metrics = METRIC_ROWS.map(({ name }) => name);

/** Names of others: files, and a key of goRainbow's. */
const NO_SETTINGS = ['burrow.toml', 'metrics.ts', 'kafka.brokerServers'];

/** What a page calls a setting: within code, alone or with a value, or after `--set`. */
function settingsIn(markdown: string): readonly string[] {
  const key = `(?:${sections.join('|')})\\.[A-Za-z][\\w.[\\]]*`;
  const named = markdown.matchAll(new RegExp(`(?:\`|--set )(${key})(?=[\`:=]|\\.\\*)`, 'g'));
  return [...new Set([...named].flatMap(([, path = '']) => (NO_SETTINGS.includes(path) ? [] : path)))];
}

/** Of a setting, of all that are below it, or of an entry of a map. */
function isSetting(path: string): boolean {
  return settings.some(
    (setting) =>
      setting.path === path ||
      setting.path.startsWith(`${path}.`) ||
      (setting.type.startsWith('map') && path.startsWith(`${setting.path}.`)),
  );
}

/** The code in the first column of each row of the table under this heading. */
function firstColumn(page: string, heading: string): readonly string[] {
  const [, rest = ''] = readText(page).split(`${heading}\n`);
  const [section = ''] = rest.split(/^#/m);
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, code = '']) => code);
}

describe('given the pages of the repository', () => {
  test.each(pages())('when %s names a setting, then there is one of that name', (path) => {
    expect(settingsIn(readText(path)).filter((key) => !isSetting(key))).toEqual([]);
  });

  test('when the settings that they name are counted, then the test has seen them', () => {
    expect(settingsIn('`kafka.tls`, `poll.push: only`, `--set burrow.servers=…`, `health.wrong`')).toEqual([
      'kafka.tls',
      'poll.push',
      'burrow.servers',
      'health.wrong',
    ]);
    expect(isSetting('health.wrong')).toBe(false);
    expect(isSetting('series.tags.dc')).toBe(true);
  });

  test.each(pages())('when %s names a metric, then there is one of that name', (path) => {
    const named = readText(path).match(/(?<![\w:])burrow_rainbow_\w+/g) ?? [];
    const isMetric = (name: string): boolean =>
      name.endsWith('_') ? metrics.some((each) => each.startsWith(name)) : metrics.includes(name);
    expect(named.filter((name) => !isMetric(name))).toEqual([]);
  });

  test.each(pages())('when a command line of %s has a flag, then its command has that flag', (path) => {
    const lines = fencesOf(readText(path)).flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'));
    const wrong = lines.flatMap((line) => {
      const [, command = '', rest = ''] =
        /(?:^|\s)(?:node dist\/cli\.js|burrow-rainbow) (run|demo|check|top|tail)\b([^|#>;]*)/.exec(line) ??
        [];
      return [...rest.matchAll(/ --([a-z-]+)/g)].flatMap(([, name = '']) => {
        const flag = flags[name];
        const those: readonly string[] | undefined = flag?.commands;
        return flag !== undefined && (those?.includes(command) ?? true) ? [] : [`${command} --${name}`];
      });
    });
    expect(wrong).toEqual([]);
  });
});

describe('given tables that are written by hand', () => {
  test('when the commands are listed, then each has a row', () => {
    expect([...firstColumn('docs/install.md', '## Commands')].sort()).toEqual(Object.keys(commands).sort());
  });

  test('when the paths of the API are listed, then each has a row', async () => {
    const { url } = await serve();
    const document = (await (await fetch(`${url}/api/openapi.json`)).json()) as { readonly paths: object };
    const paths = Object.keys(document.paths).filter((path) => path !== '/api/openapi.json');
    expect([...firstColumn('docs/dashboard-and-top.md', '## API')].sort()).toEqual(paths.sort());
  });

  test('when the causes of dropped samples are listed, then each has a row', () => {
    const rows = firstColumn('docs/alerts-and-runbooks.md', '### BurrowRainbowSamplesDropped');
    expect(rows).toEqual(DROP_CAUSES);
  });
});
