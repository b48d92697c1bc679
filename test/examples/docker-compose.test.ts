import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { accessesOfBurrow, accessOfSidecar, loadIn } from './kafka-access.ts';
import type { StartedContainer } from './pod.ts';
import { at, list, pathOf, readText, readToml, readYaml, tree, type Tree } from './read-example.ts';

const file = 'examples/docker-compose.yaml';
const [compose] = await readYaml(file);
const services = tree(at(compose, 'services'));

describe('given the compose file', () => {
  test('when it is linted, then there is no finding', async () => {
    const linter = pathOf('node_modules/dclint/bin/dclint.cjs');
    // It exits with 1 where it has something to say; what it says is the same.
    const { stdout } = await promisify(execFile)(process.execPath, [
      linter,
      '-f',
      'json',
      pathOf(file),
    ]).catch((error: unknown) => error as { stdout: string });
    expect(list(JSON.parse(stdout)).flatMap((result) => list(at(result, 'messages')))).toEqual([]);
  });

  test('when a service waits for another to be healthy, then that one has a health check', () => {
    const waits = Object.values(services).flatMap((service) =>
      Object.entries(tree(tree(service)['depends_on'] ?? {})).map(
        ([name, how]) => [name, at(how, 'condition')] as const,
      ),
    );
    expect(waits).not.toEqual([]);
    for (const [name, condition] of waits) {
      const awaited = tree(at(services, name));
      if (condition === 'service_healthy') expect(awaited).toHaveProperty('healthcheck');
      else if (condition !== 'service_started')
        expect([condition, awaited['restart']]).toEqual(['service_completed_successfully', 'no']);
    }
  });

  test.each(['burrow', 'burrow-rainbow'])(
    'when %s runs, then with nothing writable and no privileges',
    (name) => {
      expect(services[name]).toMatchObject({
        cap_drop: ['ALL'],
        read_only: true,
        security_opt: ['no-new-privileges:true'],
      });
    },
  );

  test('when the images are listed, then all but ours are published ones, by tag', () => {
    const images = Object.entries(services).map(([name, service]) => [name, tree(service)['image']]);
    for (const [name, image] of images) {
      if (name === 'burrow-rainbow') expect(image).toBeUndefined();
      else expect(image).toMatch(/^[a-z0-9./-]+:v?\d+(\.\d+)+$/);
    }
    expect(at(services, 'burrow-rainbow', 'build')).toEqual({
      context: '..',
      dockerfile: 'Dockerfile.burrow',
    });
  });

  test('when the sidecar reads its environment, then it reaches the Kafka that Burrow watches, and Burrow beside it', async () => {
    const env = tree(at(services, 'burrow-rainbow', 'environment')) as StartedContainer['env'];
    const configuration = loadIn({ env, files: {} });
    const toml = readToml(await readText('examples/burrow/burrow.toml'));
    const ofSidecar = accessOfSidecar(configuration);
    expect(accessesOfBurrow(toml, {})).toEqual([ofSidecar, ofSidecar]);
    expect(configuration.burrow.servers).toMatchObject([{ url: 'http://localhost:8000' }]);
    expect(at(services, 'burrow', 'network_mode')).toBe('service:burrow-rainbow');
    expect(at(services, 'burrow', 'volumes')).toEqual(['./burrow:/etc/burrow:ro']);
    expect(configuration.series.source).not.toBe('host');
  });

  test('when ports are published, then on this machine only', () => {
    const ports = Object.values(services).flatMap((service) => list(tree(service)['ports'] ?? []));
    expect(ports).toEqual(['127.0.0.1:7099:7099', '127.0.0.1:3000:3000', '127.0.0.1:9090:9090']);
  });

  test('when Prometheus and Grafana are wanted, too, then they find their files where they look for them', async () => {
    const monitoring = Object.entries(services).filter(
      ([, service]) => tree(service)['profiles'] !== undefined,
    );
    expect(monitoring.map(([name]) => name)).toEqual(['grafana', 'prometheus']);
    for (const [, service] of monitoring) {
      expect(tree(service)['profiles']).toEqual(['monitoring']);
      for (const volume of list(tree(service)['volumes'])) {
        await access(pathOf(join('examples', String(volume).split(':')[0] ?? '')));
      }
    }
    const [{ targets }] = (await readYaml('examples/prometheus/prometheus.yml')).flatMap((file) =>
      list(at(file, 'scrape_configs', 0, 'static_configs')).map(tree),
    ) as [Tree];
    expect(targets).toEqual(['burrow-rainbow:7099']);
    expect(services).toHaveProperty('burrow-rainbow');
  });
});
