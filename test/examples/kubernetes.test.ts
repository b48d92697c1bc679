import { describe, expect, test } from 'vitest';
import { at, list, readYaml, tree } from './read-example.ts';

const documents = await readYaml('examples/kubernetes.yaml');
const only = (kind: string): unknown => {
  const found = documents.filter((document) => document['kind'] === kind);
  if (found.length !== 1) throw new Error(`${found.length} of kind ${kind}`);
  return found[0];
};
const pod = tree(at(only('Deployment'), 'spec', 'template', 'spec'));
const containers = list(pod['containers']).map(tree);
const sidecar = containers.find(({ name }) => name === 'burrow-rainbow');

describe('given the Kubernetes manifest', () => {
  test('when it is applied, then it makes a configuration, a deployment and a service of one name', () => {
    expect(documents.map((document) => [document['apiVersion'], document['kind']])).toEqual([
      ['v1', 'ConfigMap'],
      ['apps/v1', 'Deployment'],
      ['v1', 'Service'],
    ]);
    expect(new Set(documents.map((document) => at(document, 'metadata', 'name')))).toEqual(
      new Set(['burrow-rainbow']),
    );
  });

  test('when Kubernetes looks for the pods, then the labels agree', () => {
    const labels = at(only('Deployment'), 'spec', 'template', 'metadata', 'labels');
    expect(at(only('Deployment'), 'spec', 'selector', 'matchLabels')).toEqual(labels);
    expect(at(only('Service'), 'spec', 'selector')).toEqual(labels);
  });

  test('when it is rolled out, then never do two write the same series', () => {
    expect(at(only('Deployment'), 'spec')).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  test.each(['livenessProbe', 'readinessProbe'])(
    'when the sidecar gets its %s, then on /health-check',
    (probe) => {
      expect(at(sidecar, probe, 'httpGet')).toEqual({ path: '/health-check', port: 7099 });
      expect(at(sidecar, 'ports')).toContainEqual({ name: 'http', containerPort: 7099 });
    },
  );

  test('when the containers run, then as nobody, with nothing writable, no privileges and a memory limit', () => {
    expect(pod['securityContext']).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 });
    expect(containers.map(({ name }) => name)).toEqual(['burrow', 'burrow-rainbow']);
    for (const container of containers) {
      expect(container['securityContext']).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(at(container, 'resources', 'limits', 'memory')).toMatch(/^\d+Mi$/);
    }
  });

  test('when volumes are mounted, then they are there, and what they come from', () => {
    const volumes = list(pod['volumes']).map(tree);
    const mounts = containers.flatMap((container) => list(container['volumeMounts']).map(tree));
    expect(new Set(mounts.map(({ name }) => name))).toEqual(new Set(volumes.map(({ name }) => name)));
    const configuration = volumes.find(({ name }) => name === 'configuration');
    expect(at(configuration, 'configMap', 'name')).toBe(at(only('ConfigMap'), 'metadata', 'name'));
  });

  test('when the password is read, then from a file that is mounted, not from the manifest', () => {
    const env = list(at(sidecar, 'env')).map(tree);
    const file = env.find(({ name }) => name === 'RAINBOW_KAFKA_SASL_PASSWORD_FILE')?.['value'];
    expect(file).toBe('/run/secrets/burrow-rainbow/kafka-password');
    expect(at(sidecar, 'volumeMounts')).toContainEqual(
      expect.objectContaining({ mountPath: '/run/secrets/burrow-rainbow', readOnly: true }),
    );
  });
});
