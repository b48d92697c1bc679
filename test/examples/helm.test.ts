import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { helm } from '../stack/helm.ts';
import { createManifestCheck, KUBERNETES_VERSIONS } from '../stack/kubernetes-schemas.ts';
import { chartsArePossible } from '../stack/requirements.ts';
import { accessesOfBurrow, accessOfSidecar, loadIn } from './kafka-access.ts';
import { containerOf, only, podOf, startContainer } from './pod.ts';
import { at, list, parseYaml, pathOf, readToml, readYaml, tree, type Tree } from './read-example.ts';

const CHART = pathOf('examples/helm/burrow-rainbow');
/** Each a way to run it. */
const VALUES = readdirSync(`${CHART}/ci`);

async function render(values: string, ...set: readonly string[]): Promise<readonly Tree[]> {
  const sets = set.flatMap((each) => ['--set', each]);
  const rendered = await helm('template', 'lag', CHART, '-f', `${CHART}/ci/${values}`, ...sets);
  return parseYaml(rendered, values);
}

describe.skipIf(!chartsArePossible())('given the Helm chart', () => {
  test('when the ways to run it are counted, then there are the ones that were asked for', () => {
    expect(VALUES.sort()).toEqual([
      'all-on.yaml',
      'burrow-elsewhere.yaml',
      'minimal.yaml',
      'msk-iam.yaml',
      'private-authority.yaml',
    ]);
  });

  describe.each(VALUES)('and the values of %s', (values) => {
    let documents: readonly Tree[] = [];
    beforeAll(async () => {
      documents = await render(values);
    });

    test('when Helm lints it, then there is nothing to warn of', async () => {
      const said = await helm('lint', '--strict', CHART, '-f', `${CHART}/ci/${values}`);
      expect(said).toContain('0 chart(s) failed');
      expect(said).not.toMatch(/\[(WARNING|ERROR)\]/);
    });

    test.each(KUBERNETES_VERSIONS)(
      'when Kubernetes %s checks what it renders, then it knows every key',
      async (version) => {
        const check = await createManifestCheck(version);
        for (const document of documents) {
          if (document['kind'] === 'ServiceMonitor') continue;
          expect([document['kind'], await check(document)]).toEqual([document['kind'], []]);
        }
      },
    );

    test('when both read their configurations, then these are right, and lead to the same Kafka', () => {
      const sidecar = startContainer(documents, 'burrow-rainbow');
      expect(containerOf(documents, 'burrow-rainbow')['command']).toEqual(['burrow-rainbow', 'run']);
      const configuration = loadIn(sidecar);
      const ofSidecar = accessOfSidecar(configuration);
      if (values === 'burrow-elsewhere.yaml') {
        expect(configuration.burrow.servers).toMatchObject([{ url: 'http://burrow.kafka:8000' }]);
        expect(list(podOf(documents)['containers'])).toHaveLength(1);
        return;
      }
      expect(configuration.burrow.servers).toMatchObject([{ url: 'http://127.0.0.1:8000' }]);
      const burrow = startContainer(documents, 'burrow');
      const toml = readToml(burrow.files['/etc/burrow/burrow.toml'] ?? '');
      expect(at(toml, 'httpserver', 'default', 'address')).toBe('127.0.0.1:8000');
      const [ofCluster, ofConsumer] = accessesOfBurrow(toml, burrow.env);
      expect(ofConsumer).toEqual(ofCluster);
      expect(ofCluster?.tls).toEqual(ofSidecar.tls);
      if (ofCluster?.tls?.authority.startsWith('/') === true) {
        expect(Object.keys(burrow.files)).toContain(ofCluster.tls.authority);
      }
      if (values === 'msk-iam.yaml') {
        expect(ofSidecar.login).toMatchObject({ mechanism: 'aws-msk-iam', region: 'us-east-1' });
        expect(ofCluster?.login?.mechanism).toBe('scram-sha-512');
        const onPort9096 = ofSidecar.brokers.map((broker) => broker.replace(':9098', ':9096'));
        expect(ofCluster?.brokers).toEqual(onPort9096);
        return;
      }
      expect(ofCluster?.brokers).toEqual(ofSidecar.brokers);
      expect(ofCluster?.login?.mechanism).toBe(ofSidecar.login?.mechanism);
    });

    test('when a password is needed, then it comes from a Secret, each user having its own', () => {
      const { login } = accessOfSidecar(loadIn(startContainer(documents, 'burrow-rainbow')));
      const inside = list(podOf(documents)['containers']).some((each) => at(each, 'name') === 'burrow');
      const ofBurrow = inside
        ? startContainer(documents, 'burrow').env['BURROW_SASL_KAFKA_PASSWORD']
        : undefined;
      const passwords = [login?.password, ofBurrow].filter((each) => each !== undefined && each !== '');
      expect(new Set(passwords).size).toBe(passwords.length);
      for (const password of passwords) expect(password).toMatch(/^secret\/[a-z-]+\/[a-z-]+$/);
      expect(passwords).toHaveLength(
        { 'all-on.yaml': 2, 'private-authority.yaml': 2, 'msk-iam.yaml': 1 }[values] ?? 0,
      );
    });

    test('when it is probed, selected and stopped, then as the manifest without Helm', async () => {
      const plain = await readYaml('examples/kubernetes.yaml');
      const [ours, theirs] = [plain, documents].map((each) => tree(at(only(each, 'Deployment'), 'spec')));
      for (const key of ['replicas', 'strategy']) expect(theirs?.[key]).toEqual(ours?.[key]);
      const scheme = values === 'all-on.yaml' ? 'HTTPS' : 'HTTP';
      for (const probe of ['livenessProbe', 'readinessProbe']) {
        const expected = tree(at(containerOf(plain, 'burrow-rainbow'), probe));
        expect(at(containerOf(documents, 'burrow-rainbow'), probe)).toEqual({
          ...expected,
          httpGet: { ...tree(expected['httpGet']), scheme },
        });
      }
      const labels = tree(at(only(documents, 'Deployment'), 'spec', 'template', 'metadata', 'labels'));
      const service = only(documents, 'Service');
      for (const selector of [at(theirs, 'selector', 'matchLabels'), at(service, 'spec', 'selector')]) {
        expect(labels).toMatchObject(tree(selector));
      }
      expect(at(service, 'spec', 'publishNotReadyAddresses')).toBe(true);
      const { stop } = loadIn(startContainer(documents, 'burrow-rainbow'));
      expect(stop.deadlineMs / 1000).toBeLessThan(Number(podOf(documents)['terminationGracePeriodSeconds']));
    });

    test('when its containers run, then with nothing writable and no privileges', () => {
      expect(podOf(documents)['securityContext']).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 });
      for (const container of list(podOf(documents)['containers'])) {
        expect(at(container, 'securityContext')).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    });
  });

  test('when everything is on, then each thing that was asked for is there and fits', async () => {
    const documents = await render('all-on.yaml');
    const { outbox, http, metrics, series, kafka } = loadIn(startContainer(documents, 'burrow-rainbow'));
    expect(outbox.disk).toMatchObject({ path: '/var/lib/burrow-rainbow/outbox' });
    const mounts = list(containerOf(documents, 'burrow-rainbow')['volumeMounts']).map(tree);
    const outboxMount = mounts.find(({ mountPath }) => mountPath === '/var/lib/burrow-rainbow');
    expect(outboxMount?.['readOnly']).toBeUndefined();
    const volume = list(podOf(documents)['volumes']).find(
      (each) => at(each, 'name') === outboxMount?.['name'],
    );
    expect(at(volume, 'persistentVolumeClaim', 'claimName')).toBe(
      at(only(documents, 'PersistentVolumeClaim'), 'metadata', 'name'),
    );
    expect(http.token).toBe('secret/rainbow-token/token');
    expect(http.tls).not.toBeNull();
    expect([metrics.protected, series.tags, series.source, kafka.topic]).toEqual([
      true,
      { dc: 'us-east' },
      'burrow-us-east',
      'lag',
    ]);
    const monitor = only(documents, 'ServiceMonitor');
    const service = only(documents, 'Service');
    const serviceLabels = tree(at(service, 'metadata', 'labels'));
    expect(serviceLabels).toMatchObject(tree(at(monitor, 'spec', 'selector', 'matchLabels')));
    expect(at(serviceLabels, String(at(monitor, 'spec', 'jobLabel')))).toBe('burrow-rainbow');
    expect(at(monitor, 'spec', 'endpoints')).toEqual([
      {
        port: 'http',
        path: '/metrics',
        interval: '15s',
        scheme: 'https',
        tlsConfig: { insecureSkipVerify: true },
        authorization: { credentials: { name: 'rainbow-token', key: 'token' } },
      },
    ]);
    const allowed = at(only(documents, 'NetworkPolicy'), 'spec', 'egress');
    const ports = list(allowed).flatMap((rule) => list(at(rule, 'ports')).map((each) => at(each, 'port')));
    expect(ports).toEqual([53, 53, 9093, 8443]);
  });

  test('when the pod has a role of AWS, then by its service account, and the network lets it ask for tokens', async () => {
    const documents = await render('msk-iam.yaml');
    const account = only(documents, 'ServiceAccount');
    expect(at(account, 'metadata', 'annotations')).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/burrow-rainbow',
    });
    expect(podOf(documents)['serviceAccountName']).toBe(at(account, 'metadata', 'name'));
    const egress = list(at(only(documents, 'NetworkPolicy'), 'spec', 'egress'));
    expect(list(at(egress[1], 'ports')).map((each) => at(each, 'port'))).toEqual([9098, 9096, 443]);
  });

  test('when the pod may take longer to stop, then so may the sidecar', async () => {
    const documents = await render('minimal.yaml', 'terminationGracePeriodSeconds=120');
    expect(podOf(documents)['terminationGracePeriodSeconds']).toBe(120);
    const { stop } = loadIn(startContainer(documents, 'burrow-rainbow'));
    expect(stop.deadlineMs).toBe(110_000);
  });

  test('when config holds nothing but comments, then that is no fault', async () => {
    const documents = await render('all-on.yaml', 'config=null');
    expect(loadIn(startContainer(documents, 'burrow-rainbow')).metrics.protected).toBe(false);
  });

  test('when the tag of the image has a digest, then the labels are such as Kubernetes takes', async () => {
    const documents = await render('minimal.yaml', `image.tag=1.0.0@sha256:${'0'.repeat(64)}`);
    for (const document of documents) {
      const version = at(document, 'metadata', 'labels', 'app.kubernetes.io/version');
      expect(version).toMatch(/^1\.0\.0-sha256-0{50}$/);
      expect(String(version).length).toBeLessThanOrEqual(63);
    }
  });

  test('when nobody is named who may come in, then nobody may', async () => {
    const set = ['networkPolicy.enabled=true', 'networkPolicy.ingressFrom=null'];
    const policy = only(await render('minimal.yaml', ...set), 'NetworkPolicy');
    // A rule with an empty list of sources would be one for everybody.
    expect(at(policy, 'spec', 'ingress')).toEqual([]);
    expect(at(policy, 'spec', 'policyTypes')).toContain('Ingress');
  });

  test.each([
    ['http://burrow.kafka:8000', 8000],
    ['https://burrow.example.com', 443],
    ['http://burrow.example.com/at:5', 80],
    ['http://[fd00::1]:8001/', 8001],
  ])('when Burrow runs elsewhere, at %s, then the network lets the pod reach it', async (url, port) => {
    const documents = await render('burrow-elsewhere.yaml', `burrow.servers={${url}}`);
    const egress = list(at(only(documents, 'NetworkPolicy'), 'spec', 'egress'));
    expect(list(at(egress[1], 'ports')).map((each) => at(each, 'port'))).toEqual([9092, port]);
  });

  test('when the configuration changes, then so does the pod, and else not', async () => {
    const checksum = async (...set: readonly string[]): Promise<unknown> => {
      const deployment = only(await render('minimal.yaml', ...set), 'Deployment');
      return at(deployment, 'spec', 'template', 'metadata', 'annotations', 'checksum/config');
    };
    const before = await checksum();
    expect(await checksum('service.port=80')).toBe(before);
    expect(await checksum('config.poll.interval=20s')).not.toBe(before);
    expect(await checksum('burrow.cluster=orders')).not.toBe(before);
  });

  test.each([
    ['kafka.brokers=null', /brokers/],
    ['kafka.sasl.mechanism=plain', /\/kafka\/sasl\/secret/],
    ['burrow.sasl.mechanism=plain', /\/kafka\/sasl\/secret/],
    ['kafka.sasl.mechanism=aws-msk-iam', /\/kafka\/sasl\/region/],
    ['burrow.enabled=false', /\/burrow\/servers/],
    ['burrow.cluster=Orders', /\/burrow\/cluster/],
    ['config.metrics.protected=true', /\/http\/tokenSecret/],
    ['config.http.port=80', /\/config\/http\/port/],
    ['config.http.token=secret', /\/config\/http\/token/],
    ['config.kafka.brokers={other:9092}', /\/config\/kafka\/brokers/],
    ['config.kafka.sasl.password=secret', /\/config\/kafka\/sasl\/password/],
    ['config.kafka.sasl.clientSecret=secret', /\/config\/kafka\/sasl\/clientSecret/],
    ['config.burrow.servers[0].password=secret', /\/config\/burrow\/servers\/0\/password/],
    ['config.stop.deadline=5m', /\/config\/stop\/deadline/],
    ['terminationGracePeriodSeconds=10', /\/terminationGracePeriodSeconds/],
    ['kafka.tls.caSecret=kafka-ca', /\/kafka\/tls\/enabled/],
    ['http.tlsSecret=tls,metrics.serviceMonitor.enabled=true', /\/metrics\/serviceMonitor\/tlsConfig/],
    ['burow.enabled=false', /burow/],
  ])('when a value is wrong (%s), then Helm refuses it and names it', async (set, name) => {
    await expect(render('minimal.yaml', set)).rejects.toThrow(name);
  });

  test('when Burrow would have to log in by IAM, then Helm says what to do instead', async () => {
    await expect(render('msk-iam.yaml', 'burrow.sasl.mechanism=')).rejects.toThrow(/Set it to scram-sha-512/);
  });
});

describe.skipIf(!chartsArePossible())('given the manifest without Helm', () => {
  test.each(KUBERNETES_VERSIONS)('when Kubernetes %s checks it, then it knows every key', async (version) => {
    const check = await createManifestCheck(version);
    for (const document of await readYaml('examples/kubernetes.yaml')) {
      expect([document['kind'], await check(document)]).toEqual([document['kind'], []]);
    }
  });

  test('when a key is misspelt, then the check finds it', async () => {
    const check = await createManifestCheck('1.30.0');
    const service = { apiVersion: 'v1', kind: 'Service', spec: { publishNotReadyAdresses: true } };
    expect(await check(service)).toEqual([
      '/spec must NOT have additional properties publishNotReadyAdresses',
    ]);
  });
});
