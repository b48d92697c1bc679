import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../stack/command.ts';
import { accessesOfBurrow, accessOfSidecar, loadIn } from './kafka-access.ts';
import { containerOf } from './pod.ts';
import { at, list, readJson, readText, readToml, readYaml, tree } from './read-example.ts';

const task = await readJson('examples/ecs/task-definition.json');
const targetGroup = await readJson('examples/ecs/target-group.json');
const containers = list(task['containerDefinitions']).map(tree);
const container = (name: string): unknown => containers.find((each) => each['name'] === name);

/** What the container has in its environment, secrets by where they come from, and what `configuration` has written. */
const started = {
  env: Object.fromEntries(
    ['environment', 'secrets']
      .flatMap((key) => list(at(container('burrow-rainbow'), key)))
      .map((pair) => [String(at(pair, 'name')), String(tree(pair)['value'] ?? at(pair, 'valueFrom'))]),
  ),
  files: { '/etc/burrow/http-token': 'the-token' },
};

interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

async function statementsOf(file: string): Promise<readonly Statement[]> {
  const each = (value: unknown): readonly string[] => (Array.isArray(value) ? value : [value]).map(String);
  const policy = await readJson(file);
  return list(policy['Statement']).map((statement) => ({
    actions: each(at(statement, 'Action')),
    resources: each(at(statement, 'Resource')),
  }));
}

/** Whether a policy allows the action on what has this name, `*` standing for anything. */
function allows(statements: readonly Statement[], action: string, name: string): boolean {
  return statements.some(
    ({ actions, resources }) =>
      actions.includes(action) && resources.some((resource) => toPattern(resource).test(name)),
  );
}

function toPattern(resource: string): RegExp {
  return new RegExp(`^${resource.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

/** Pairs that Fargate offers: MiB for each size of CPU. */
const MEMORY_OF_CPU: Readonly<Record<string, readonly string[]>> = {
  '256': ['512', '1024', '2048'],
  '512': ['1024', '2048', '3072', '4096'],
  '1024': ['2048', '3072', '4096', '5120', '6144', '7168', '8192'],
};

describe('given the ECS task definition', () => {
  test('when Fargate runs it, then it has what Fargate demands', () => {
    expect(task).toMatchObject({
      family: 'burrow-rainbow',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' },
    });
    expect(MEMORY_OF_CPU[String(task['cpu'])]).toContain(task['memory']);
    expect(task).toHaveProperty('executionRoleArn');
  });

  test('when the sidecar runs, then as nobody, with nothing writable and no privileges', () => {
    expect(container('burrow-rainbow')).toMatchObject({
      essential: true,
      user: '10001:10001',
      readonlyRootFilesystem: true,
      linuxParameters: { capabilities: { drop: ['ALL'] } },
    });
  });

  test("when ECS checks its health, then as the image's own health check does", async () => {
    const dockerfile = await readText('Dockerfile.burrow');
    const own = JSON.parse(/HEALTHCHECK[\s\S]*?CMD (\[.*\])/.exec(dockerfile)?.[1] ?? '[]') as string[];
    const command = list(at(container('burrow-rainbow'), 'healthCheck', 'command'));
    expect(String(command)).toContain("path: '/live'");
    expect(command).toEqual(['CMD', ...own]);
  });

  test('when a task is asked whether it works, then as often and for as long as a pod is', async () => {
    const probe = at(
      containerOf(await readYaml('examples/kubernetes.yaml'), 'burrow-rainbow'),
      'livenessProbe',
    );
    const [path, interval, timeout, retries] = [
      at(probe, 'httpGet', 'path'),
      ...['periodSeconds', 'timeoutSeconds', 'failureThreshold'].map((key) => at(probe, key)),
    ];
    expect(at(container('burrow-rainbow'), 'healthCheck')).toMatchObject({ interval, timeout, retries });
    expect(targetGroup).toMatchObject({
      HealthCheckPath: path,
      HealthCheckIntervalSeconds: interval,
      HealthCheckTimeoutSeconds: timeout,
      UnhealthyThresholdCount: retries,
    });
    const [own = ''] = /^HEALTHCHECK .*/m.exec(await readText('Dockerfile.burrow')) ?? [];
    expect(own).toContain(`--interval=${String(interval)}s --timeout=${String(timeout)}s `);
    expect(own).toContain(`--retries=${String(retries)} `);
  });

  test('when it is stopped, then it has more time to drain than by default, within what Fargate allows', () => {
    const stopTimeout = at(container('burrow-rainbow'), 'stopTimeout');
    expect(stopTimeout).toBeGreaterThan(30);
    expect(stopTimeout).toBeLessThanOrEqual(120);
  });

  test('when it is stopped, then the sidecar has less time than the container', () => {
    const { stop } = loadIn(started);
    expect(stop.deadlineMs / 1000).toBeLessThan(Number(at(container('burrow-rainbow'), 'stopTimeout')));
  });

  test('when secrets are needed, then they come from stores that the execution role may read', async () => {
    const secrets = containers.flatMap((each) => list(each['secrets'] ?? []).map(tree));
    expect(secrets).toHaveLength(3);
    const policy = await statementsOf('examples/ecs/execution-role-policy.json');
    for (const { valueFrom } of secrets) {
      const name = String(valueFrom).replace(/:password::$/, '');
      const action = name.startsWith('arn:aws:ssm') ? 'ssm:GetParameters' : 'secretsmanager:GetSecretValue';
      expect([name, allows(policy, action, name)]).toEqual([name, true]);
    }
    const settings = containers.flatMap((each) => list(each['environment'] ?? []).map(tree));
    expect(settings.filter(({ name }) => /PASSWORD|TOKEN$|SECRET/.test(String(name)))).toEqual([]);
  });

  test('when logs have no group yet, then it is made, as the execution role may', async () => {
    const policy = await statementsOf('examples/ecs/execution-role-policy.json');
    for (const each of containers) {
      const options = tree(at(each, 'logConfiguration', 'options'));
      expect(options['awslogs-create-group']).toBe('true');
      const group = `arn:aws:logs:us-east-1:123456789012:log-group:${String(options['awslogs-group'])}`;
      expect(allows(policy, 'logs:CreateLogGroup', group)).toBe(true);
      expect(allows(policy, 'logs:PutLogEvents', `${group}:log-stream:a`)).toBe(true);
    }
  });

  test('when both reach Kafka, then by the same brokers over TLS, the sidecar by IAM and Burrow by SCRAM', async () => {
    const ofSidecar = accessOfSidecar(loadIn(started));
    expect(ofSidecar).toMatchObject({
      tls: { authority: 'public' },
      login: { mechanism: 'aws-msk-iam', region: 'us-east-1' },
    });
    const toml = readToml(await readText('examples/ecs/burrow.toml'));
    const ofBurrow = {
      brokers: ofSidecar.brokers.map((broker) => broker.replace(':9098', ':9096')),
      tls: ofSidecar.tls,
      login: {
        mechanism: 'scram-sha-512',
        username: 'burrow',
        password: expect.stringMatching(/^arn:aws:secretsmanager:.*AmazonMSK_.*:password::$/) as string,
      },
    };
    expect(accessesOfBurrow(toml, started.env)).toEqual([ofBurrow, ofBurrow]);
    expect(at(toml, 'httpserver', 'default', 'address')).toBe('127.0.0.1:8000');
  });

  test('when the sidecar works, then its role may do what it does, and nothing beyond', async () => {
    const { kafka, ledger } = loadIn(started);
    const arn = (kind: string, name = ''): string =>
      `arn:aws:kafka:us-east-1:123456789012:${kind}/example/0123-4567${name}`;
    const cluster = ['Connect', 'DescribeCluster', 'WriteDataIdempotently'];
    const records = ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'WriteData', 'ReadData'];
    const needed: readonly (readonly [string, readonly string[]])[] = [
      [arn('cluster'), cluster],
      [arn('topic', `/${kafka.topic}`), records],
      [arn('topic', `/${ledger.topic}`), ['CreateTopic', ...records]],
    ];
    const policy = await statementsOf('examples/ecs/task-role-policy.json');
    for (const [resource, actions] of needed) {
      const granted = policy.flatMap((statement) =>
        statement.actions.filter((action) => allows([statement], action, resource)),
      );
      expect([resource, granted.toSorted()]).toEqual([
        resource,
        actions.map((action) => `kafka-cluster:${action}`).toSorted(),
      ]);
    }
    expect(policy).toHaveLength(needed.length);
    expect(allows(policy, 'kafka-cluster:WriteData', arn('topic', '/orders'))).toBe(false);
  });

  test('when Burrow is configured, then by the container before it and through a volume that both mount', () => {
    expect(at(container('burrow-rainbow'), 'dependsOn')).toEqual([
      { containerName: 'configuration', condition: 'SUCCESS' },
    ]);
    const [volume] = list(task['volumes']).map(tree);
    for (const each of containers) {
      expect(at(each, 'mountPoints', 0)).toMatchObject({
        sourceVolume: volume?.['name'],
        containerPath: '/etc/burrow',
      });
    }
  });

  test('when the first container runs, then it writes both files, the token for the sidecar alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rainbow-ecs-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const command = String(at(container('configuration'), 'command', 0)).replaceAll('/etc/burrow', folder);
    // Only root may give files away.
    const isRoot = process.getuid?.() === 0;
    await runCommand('/bin/sh', ['-ec', isRoot ? command : command.replace('-o 10001 -g 10001', '')], {
      env: { BURROW_TOML: '[general]\n', HTTP_TOKEN: 'the-token' },
    });
    expect(await readFile(join(folder, 'burrow.toml'), 'utf8')).toContain('[general]');
    expect(await readFile(join(folder, 'http-token'), 'utf8')).toBe('the-token');
    const { mode, uid } = await stat(join(folder, 'http-token'));
    expect([mode & 0o777, uid]).toEqual([0o400, isRoot ? 10_001 : process.getuid?.()]);
    expect(started.env['RAINBOW_HTTP_TOKEN_FILE']).toBe('/etc/burrow/http-token');
  });
});

describe('given the target group', () => {
  test('when the load balancer checks a task, then on /live of the port that the container maps', () => {
    const port = at(container('burrow-rainbow'), 'portMappings', 0, 'containerPort');
    expect(port).toBe(7099);
    expect(targetGroup).toMatchObject({
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: port,
      HealthCheckPath: '/live',
      HealthCheckPort: String(port),
      Matcher: { HttpCode: '200' },
    });
  });
});
