import { describe, expect, test } from 'vitest';
import { at, readJson, readText } from './read-example.ts';

const version = String(at(await readJson('package.json'), 'version'));

/** What is at each match of the pattern's group, in all of these files. */
async function find(pattern: RegExp, files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(async (file) => [...(await readText(file)).matchAll(pattern)].map(([, match = '']) => match)),
  );
  for (const [index, matches] of found.entries()) expect([files[index], matches.length]).not.toContain(0);
  return found.flat();
}

describe('given the examples', () => {
  test('when they name a version of this project, then it is that of the package', async () => {
    const [images, charts, labels] = await Promise.all([
      find(/burrow-rainbow:(\d[\w.]*)/g, ['examples/kubernetes.yaml', 'examples/ecs/task-definition.json']),
      find(/^(?:appV|v)ersion: (.*)$/gm, ['examples/helm/burrow-rainbow/Chart.yaml']),
      find(/^ARG VERSION=(.*)$/gm, ['Dockerfile.burrow']),
    ]);
    expect(new Set([...images, ...charts, ...labels])).toEqual(new Set([version]));
  });

  test('when they name a Burrow, then all name the same', async () => {
    const tags = await Promise.all([
      find(/ghcr\.io\/linkedin\/burrow\/burrow:(v[\d.]+)/g, [
        'Dockerfile.burrow',
        'examples/docker-compose.yaml',
        'examples/kubernetes.yaml',
      ]),
      find(/^ {4}tag: (v.*)$/gm, ['examples/helm/burrow-rainbow/values.yaml']),
    ]);
    expect(new Set(tags.flat()).size).toBe(1);
  });
});
