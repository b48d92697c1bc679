import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { at, pathOf, readText, readToml, readYaml, tree, type Tree } from './read-example.ts';

const composeToml = await readText('examples/burrow/burrow.toml');
const manifests = await readYaml('examples/kubernetes.yaml');
const configMap = manifests.find((document) => document['kind'] === 'ConfigMap');
const examples: readonly (readonly [string, Tree])[] = [
  ['examples/burrow/burrow.toml', readToml(composeToml)],
  ['examples/ecs/burrow.toml', readToml(await readText('examples/ecs/burrow.toml'))],
  ['the ConfigMap of examples/kubernetes.yaml', readToml(String(at(configMap, 'data', 'burrow.toml')))],
];

describe.each(examples)('given %s', (_, burrow) => {
  test('when Burrow reads it, then consumers name a cluster, and both a client profile, that is there', () => {
    const clusters = tree(burrow['cluster']);
    const consumers = tree(burrow['consumer']);
    const profiles = Object.keys(tree(burrow['client-profile']));
    expect(Object.values(consumers).map((consumer) => at(consumer, 'cluster'))).toEqual(
      Object.keys(clusters),
    );
    for (const module of [...Object.values(clusters), ...Object.values(consumers)]) {
      expect(at(module, 'class-name')).toBe('kafka');
      expect(profiles).toContain(at(module, 'client-profile'));
    }
  });

  test('when names are written in lower case, then nothing changes', () => {
    for (const name of Object.keys(tree(burrow['cluster']))) expect(name).toBe(name.toLowerCase());
  });

  test('when it runs under a read-only root, then it writes to shared memory only', () => {
    expect(at(burrow, 'general', 'pidfile')).toMatch(/^\/dev\/shm\//);
    expect(burrow['general']).not.toHaveProperty('stdout-logfile');
    expect(burrow['logging']).not.toHaveProperty('filename');
  });

  test('when another host asks Burrow, then nothing listens: its API deletes groups without a password', () => {
    expect(at(burrow, 'httpserver', 'default', 'address')).toBe('127.0.0.1:8000');
  });

  test('when it has a notifier, then it has a ZooKeeper, and only then', () => {
    expect('zookeeper' in burrow).toBe('notifier' in burrow);
  });
});

describe('given the notifier of examples/burrow/burrow.toml', () => {
  const notifier = tree(at(readToml(composeToml), 'notifier', 'rainbow'));

  test('when an incident of a group opens or closes, then the sidecar gets a webhook', () => {
    expect(notifier).toMatchObject({
      'class-name': 'http',
      'url-open': 'http://localhost:7099/notifier',
      'url-close': 'http://localhost:7099/notifier',
      'send-close': true,
    });
    expect(['POST', 'DELETE']).toContain(notifier['method-open']);
    expect(['POST', 'DELETE']).toContain(notifier['method-close']);
  });

  test.each(['template-open', 'template-close'])(
    'when it loads %s, then that is mounted beside it',
    (key) => {
      const template = String(notifier[key]);
      expect(dirname(template)).toBe('/etc/burrow');
      expect(existsSync(pathOf(`examples/burrow/${basename(template)}`))).toBe(true);
    },
  );
});
