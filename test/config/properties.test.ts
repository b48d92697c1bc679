import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { describeForLog } from '../../src/config/redact.ts';
import { formatFaults } from '../../src/config/fault.ts';
import type { SettingPath } from '../../src/config/setting/setting.ts';
import { settings } from '../../src/config/settings-list.ts';
import { load } from './loading.ts';

const SECRET = 'hunter2';

/** Values that are near the truth, so that deep rules are reached too. */
const value = fc.oneof(
  fc.constantFrom(
    '',
    '30s',
    '5',
    '64MB',
    'true',
    'a:1',
    'http://h:1',
    '(',
    '.*',
    'file',
    'plain',
    'influx',
    '/f',
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.constantFrom('a:1', 'owner', 'http://u:p@h:1', 5, null)),
  fc.dictionary(fc.constantFrom('url', 'name', 'enabled', 'dc', '__proto__'), fc.string()),
);

function nest(entries: readonly (readonly [SettingPath, unknown])[]): unknown {
  const root: Record<string, unknown> = {};
  for (const [path, leaf] of entries) {
    let map = root;
    for (const key of path.slice(0, -1)) {
      const child = map[String(key)];
      const isMap = typeof child === 'object' && child !== null && !Array.isArray(child);
      map = (isMap ? child : (map[String(key)] = {})) as Record<string, unknown>;
    }
    map[String(path.at(-1))] = leaf;
  }
  return root;
}

const knownKeys = fc
  .array(fc.tuple(fc.constantFrom(...settings.map(({ path }) => path)), value), { maxLength: 12 })
  .map(nest);

/** What any loading must keep to, whatever came of it. */
function judge(given: Parameters<typeof load>[0]): string {
  const result = load(given);
  if (result.kind === 'ok') return JSON.stringify(describeForLog(result.configuration));
  expect(result.faults.length).toBeGreaterThan(0);
  const shown = formatFaults(result.faults);
  expect(shown.endsWith('\n')).toBe(true);
  return shown;
}

describe('given anything for a file', () => {
  test('when it is made of known keys and wild values, then it loads or says what is wrong', () => {
    fc.assert(
      fc.property(knownKeys, (content) => void judge({ yaml: stringify(content) })),
      { numRuns: 400 },
    );
  });

  test('when it is any object, then it loads or says what is wrong', () => {
    const anything = fc.object({ withNullPrototype: true, maxDepth: 4 });
    fc.assert(fc.property(anything, (content) => void judge({ yaml: stringify(content) })));
  });

  test('when it is any text, then it loads or says what is wrong', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...Array.from('{}[]:-&*!|>"\'#%@,? \n\tab\\')) }),
    );
    fc.assert(
      fc.property(text, (yaml) => void judge({ yaml })),
      { numRuns: 400 },
    );
  });
});

describe('given anything for environment and command line', () => {
  const names = settings.flatMap(({ environment }) => environment ?? []);

  test('when variables have wild values, then it loads or says what is wrong', () => {
    const env = fc.dictionary(
      fc.oneof(
        fc.constantFrom(...names),
        fc.string().map((name) => `RAINBOW_${name}`),
      ),
      fc.string(),
    );
    const set = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('kafka=1', 'series.tags.=x', '=', 'series.tags.__proto__=x')),
    );
    fc.assert(
      fc.property(env, set, (variables, assignments) => void judge({ env: variables, set: assignments })),
    );
  });
});

describe('given secrets anywhere that a secret belongs, or a slip away from it', () => {
  const places = [
    `kafka: {sasl: {password: ${SECRET}}}`,
    `kafka: {sasl: {mechanism: plain, username: me, password: ${SECRET}}}`,
    `kafka: {sasl: {password: [${SECRET}]}}`,
    `kafka: {sasl: {pasword: ${SECRET}}}`,
    `kafka: {sasl: ${SECRET}}`,
    `http: {token: ${SECRET}}`,
    `http: {token: "${SECRET} ${SECRET}"}`,
    `http: {tokn: ${SECRET}}`,
    `burrow: {servers: [{url: "http://b:1", username: me, password: ${SECRET}}]}`,
    `burrow: {servers: [{url: "http://b:1", password: ${SECRET}}]}`,
    `burrow: {servers: [{url: "http://b:1", pass: ${SECRET}}]}`,
    `burrow: {servers: ["http://me:${SECRET}@b:1"]}`,
    `burrow: {servers: ["http://me:${SECRET}@b:1/v3/kafka"]}`,
    `burrow: {servers: ["me:${SECRET}@b:1"]}`,
    `burrow: {servers: "http://me:${SECRET}@b:1"}`,
    `burrow: {servers: "[{url: http://b:1, password: ${SECRET}"}`,
    `burrow: {servers: ["http://me:${SECRET}@b:1", "http://me:${SECRET}@b:1"]}`,
    `burrow: {servers: [{url: "http://a:${SECRET}@b:1", username: x, password: ${SECRET}}]}`,
    `kafka: {sasl: {password: "${SECRET}" "x"}}`,
    `kafka: {sasl: {password: *${SECRET}}}`,
    `http: {token: "${SECRET}\\q"}`,
    `http: {token: ${SECRET}`,
  ];
  const complete = { RAINBOW_KAFKA_BROKERS: 'k:1' };

  test.each(places)('when the file says %s, then neither faults nor the log repeat it', (yaml) => {
    expect(judge({ yaml })).not.toContain(SECRET);
    expect(judge({ yaml, env: complete })).not.toContain(SECRET);
  });

  test.each([
    [{ RAINBOW_KAFKA_SASL_PASSWORD: SECRET }],
    [{ RAINBOW_KAFKA_SASL_PASSWRD: SECRET }],
    [{ RAINBOW_HTTP_TOKEN: `${SECRET} x` }],
    [{ RAINBOW_BURROW_SERVERS: `http://me:${SECRET}@b` }],
    [{ RAINBOW_BURROW_SERVERS: `[{url: "http://b", username: me, password: ${SECRET}}` }],
  ])('when the environment has %s, then neither faults nor the log repeat it', (env) => {
    expect(judge({ env })).not.toContain(SECRET);
    expect(judge({ env: { ...complete, ...env } })).not.toContain(SECRET);
  });

  test('when it is on the command line, then neither faults nor the log repeat it', () => {
    const set = [SECRET, `kafka.sasl.passwort=${SECRET}`, `http.token=${SECRET} x`];
    expect(judge({ env: complete, set })).not.toContain(SECRET);
  });

  test('when they come from files, then the log does not repeat them', () => {
    const yaml =
      'kafka: {brokers: [k:1], sasl: {mechanism: plain, username: me, passwordFile: /pw}}\nhttp: {tokenFile: /pw}';
    const shown = judge({ yaml, files: { '/pw': SECRET } });
    expect(shown).toContain('"password":"[hidden]"');
    expect(shown).not.toContain(SECRET);
  });
});
