import { describe, expect, test } from 'vitest';
import { at, list, readJson, readText, tree } from './read-example.ts';

const task = await readJson('examples/ecs-task-definition.json');
const targetGroup = await readJson('examples/ecs-target-group.json');
const containers = list(task['containerDefinitions']).map(tree);
const container = (name: string): unknown => containers.find((each) => each['name'] === name);

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
    expect(command).toEqual(['CMD', ...own]);
    expect(at(container('burrow-rainbow'), 'healthCheck')).toMatchObject({ interval: 10, timeout: 2 });
  });

  test('when it is stopped, then it has more time to drain than by default, within what Fargate allows', () => {
    const stopTimeout = at(container('burrow-rainbow'), 'stopTimeout');
    expect(stopTimeout).toBeGreaterThan(30);
    expect(stopTimeout).toBeLessThanOrEqual(120);
  });

  test('when secrets are needed, then they come from Secrets Manager and SSM, none is in the file', () => {
    const secrets = containers.flatMap((each) => list(each['secrets'] ?? []).map(tree));
    expect(secrets.map(({ valueFrom }) => valueFrom)).toEqual([
      expect.stringMatching(/^arn:aws:ssm:/),
      expect.stringMatching(/^arn:aws:secretsmanager:/),
    ]);
    const settings = containers.flatMap((each) => list(each['environment'] ?? []).map(tree));
    expect(settings.filter(({ name }) => /PASSWORD|TOKEN|SECRET/.test(String(name)))).toEqual([]);
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
});

describe('given the target group', () => {
  test('when the load balancer checks a task, then on /health-check of the port that the container maps', () => {
    const port = at(container('burrow-rainbow'), 'portMappings', 0, 'containerPort');
    expect(port).toBe(7099);
    expect(targetGroup).toMatchObject({
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: port,
      HealthCheckPath: '/health-check',
      HealthCheckPort: String(port),
      Matcher: { HttpCode: '200' },
    });
  });
});
