import { describe, expect, test } from 'vitest';
import { accessesOfBurrow, accessOfSidecar, loadIn } from './kafka-access.ts';
import { containerOf, only as onlyIn, podOf, startContainer } from './pod.ts';
import { at, list, readToml, readYaml, tree, type Tree } from './read-example.ts';

const documents = await readYaml('examples/kubernetes.yaml');
const only = (kind: string): Tree => onlyIn(documents, kind);
const pod = podOf(documents);
const containers = list(pod['containers']).map(tree);
const sidecar = containerOf(documents, 'burrow-rainbow');

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

  test('when the sidecar is probed, then a restart needs /live, and a rollout /ready', () => {
    expect(at(sidecar, 'livenessProbe', 'httpGet')).toEqual({ path: '/live', port: 'http' });
    expect(at(sidecar, 'readinessProbe', 'httpGet')).toEqual({ path: '/ready', port: 'http' });
    expect(at(sidecar, 'ports')).toContainEqual({ name: 'http', containerPort: 7099 });
  });

  test('when Kafka is away and the pod not ready, then the Service still leads to its dashboard', () => {
    expect(at(only('Service'), 'spec', 'publishNotReadyAddresses')).toBe(true);
  });

  test('when the pod is stopped, then the sidecar has less time than the pod', () => {
    const { stop } = loadIn(startContainer(documents, 'burrow-rainbow'));
    expect(stop.deadlineMs / 1000).toBeLessThan(Number(pod['terminationGracePeriodSeconds']));
  });

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

  test('when both reach Kafka, then by the same brokers, TLS and way to log in, each with its own password', () => {
    const configuration = loadIn(startContainer(documents, 'burrow-rainbow'));
    const burrow = startContainer(documents, 'burrow');
    const toml = readToml(burrow.files['/etc/burrow/burrow.toml'] ?? '');
    const ofSidecar = accessOfSidecar(configuration);
    expect(ofSidecar).toMatchObject({
      tls: { authority: '/run/secrets/kafka-ca/ca.crt' },
      login: { mechanism: 'scram-sha-512', password: 'secret/burrow-rainbow/rainbow-password' },
    });
    const login = { username: 'burrow', password: 'secret/burrow-rainbow/burrow-password' };
    const ofBurrow = { ...ofSidecar, login: { ...ofSidecar.login, ...login } };
    expect(accessesOfBurrow(toml, burrow.env)).toEqual([ofBurrow, ofBurrow]);
    for (const { files } of [burrow, startContainer(documents, 'burrow-rainbow')]) {
      expect(files).toHaveProperty([ofSidecar.tls?.authority ?? '']);
    }
  });

  test('when the sidecar is configured, then it polls the Burrow in the pod, and its series outlive the pod', () => {
    const { burrow, series, http } = loadIn(startContainer(documents, 'burrow-rainbow'));
    const toml = readToml(startContainer(documents, 'burrow').files['/etc/burrow/burrow.toml'] ?? '');
    expect(burrow.servers.map(({ url }) => url)).toEqual([
      `http://${String(at(toml, 'httpserver', 'default', 'address'))}`,
    ]);
    expect(series.source).not.toBe('host');
    expect(http.token).toBe('secret/burrow-rainbow/http-token');
  });
});

describe('given the ServiceMonitor', () => {
  test('when Prometheus looks for what to scrape, then it finds the Service, and names it as the alerts do', async () => {
    const [monitor] = await readYaml('examples/prometheus/service-monitor.yaml');
    expect(monitor).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' });
    const { labels } = tree(only('Service')['metadata']);
    expect(labels).toMatchObject(tree(at(monitor, 'spec', 'selector', 'matchLabels')));
    expect(at(labels, String(at(monitor, 'spec', 'jobLabel')))).toBe('burrow-rainbow');
    expect(at(monitor, 'spec', 'endpoints')).toEqual([{ port: 'http', path: '/metrics', interval: '15s' }]);
    expect(list(at(only('Service'), 'spec', 'ports')).map((port) => at(port, 'name'))).toEqual(['http']);
  });
});
