import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RECORDED_VERSIONS } from '../burrow/recordings.ts';
import { KAFKA_3, KAFKA_4 } from '../stack/kafka-jars.ts';
import { readText, REPOSITORY } from './pages.ts';

const page = readText('docs/compatibility.md');
const { engines } = JSON.parse(readText('package.json')) as { readonly engines: { readonly node: string } };
const image = /^ARG NODE_IMAGE=(\S+)$/m.exec(readText('Dockerfile.burrow'))?.[1];

/** Paths of tests, each with its folder; a name alone is in the folder of the one before it. */
function namedTests(): readonly string[] {
  let folder = '';
  return [...page.matchAll(/`([\w./*-]+\.test\.ts)`/g)].map(([, path = '']) => {
    if (path.includes('/')) folder = dirname(path);
    return join(folder, basename(path));
  });
}

describe('given the page of compatibility', () => {
  test.each<readonly [string, string]>([
    ['Kafka for the records', KAFKA_4],
    ['Kafka for an old Burrow', KAFKA_3],
    ...RECORDED_VERSIONS.map((version) => ['recorded Burrow', version] as const),
    ['least Node.js', engines.node.replace('>=', '')],
    ['Node.js of the image', image ?? 'none'],
  ])('when the %s of the tests is looked for, then the page names it: %s', (_, version) => {
    expect(page).toContain(version);
  });

  test.each(namedTests())('when it names %s as a proof, then that test is there', (path) => {
    const pattern = new RegExp(`^${basename(path).replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
    const folder = join(REPOSITORY, dirname(path));
    expect(existsSync(folder) && readdirSync(folder).some((name) => pattern.test(name))).toBe(true);
  });
});
