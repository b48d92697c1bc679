import { describe, expect, test } from 'vitest';
import { loadConfiguration } from '../../src/config/load-configuration.ts';
import { at, list, readJson, readYaml, tree } from './read-example.ts';

type Environment = Readonly<Record<string, string>>;

function fromPairs(pairs: unknown): Environment {
  return Object.fromEntries(
    list(pairs).map((pair) => [
      String(at(pair, 'name')),
      'value' in tree(pair) ? String(at(pair, 'value')) : 'from a secret store',
    ]),
  );
}

const [compose] = await readYaml('examples/docker-compose.yaml');
const task = await readJson('examples/ecs-task-definition.json');
const taskContainer = list(task['containerDefinitions']).find(
  (each) => at(each, 'name') === 'burrow-rainbow',
);

const examples: readonly (readonly [string, Environment])[] = [
  ['docker-compose.yaml', tree(at(compose, 'services', 'burrow-rainbow', 'environment')) as Environment],
  [
    'ecs-task-definition.json',
    { ...fromPairs(at(taskContainer, 'environment')), ...fromPairs(at(taskContainer, 'secrets')) },
  ],
];

/** Stands for a machine on which nothing but the mounted secret is there. */
function readFile(path: string): string {
  if (path.startsWith('/run/secrets/')) return 'from a mounted secret\n';
  throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
}

describe.each(examples)("given the sidecar's environment in %s", (_, env) => {
  test('when the sidecar reads it, then every setting is known and right', () => {
    const result = loadConfiguration({
      args: { set: [] },
      env,
      cwd: '/etc/burrow',
      readFile,
      hostName: 'host',
    });
    // The faults first, so that a failure names them.
    expect(result.kind === 'faults' ? result.faults : []).toEqual([]);
    expect(result).toMatchObject({
      kind: 'ok',
      configuration: {
        // Burrow's address in every example: test/examples/burrow-configuration.test.ts.
        burrow: {
          servers: [{ url: expect.stringMatching(/^http:\/\/(localhost|127\.0\.0\.1):8000$/) as string }],
        },
        sink: { type: 'kafka' },
        http: { port: 7099 },
      },
    });
  });

  test('when a container gets another host name, then the series keep their source', () => {
    expect(env['RAINBOW_SERIES_SOURCE']).toBeDefined();
  });
});
