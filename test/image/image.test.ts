import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findBurrow } from '../stack/burrow-binary.ts';
import { burrowConfiguration } from '../stack/burrow-configuration.ts';
import { freePorts } from '../stack/free-port.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { startWatchedKafka, type WatchedStack } from '../stack/stack.ts';
import { LOCK_FILE, readLockFile } from '../supply-chain/lock-file.ts';
import { buildImage } from './build-image.ts';
import { openContainerTools, type ContainerTools } from './container-tools.ts';
import { runOnce, startContainer, type Container } from './container.ts';
import { whatIsMissing } from './requirements.ts';

const missing = await whatIsMissing();
if (missing !== undefined) {
  if (process.env['CI'] === 'true') throw new Error(`The image cannot be tested: ${missing}.`);
  console.warn(`The image is not tested: ${missing}.`);
}

describe.skipIf(missing !== undefined)('given the image, built from Dockerfile.burrow', () => {
  let tools: ContainerTools;
  let image: string;
  let watched: WatchedStack;
  let workspace: string;

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'rainbow-image-test-'));
    tools = await openContainerTools();
    [image, watched] = await Promise.all([buildImage(tools), startWatchedKafka()]);
  });
  afterAll(async () => {
    await watched.stop();
    await rm(workspace, { recursive: true, force: true });
  });

  test('when it is inspected, then it says who runs it, how to check its health and what it is', async () => {
    const [inspected] = JSON.parse(await tools.podman('image', 'inspect', image)) as [
      { Config: { User: string; Labels: Record<string, string> }; Healthcheck: { Test: string[] } },
    ];
    expect(inspected.Config.User).toBe('10001:10001');
    expect(inspected.Config.Labels['org.opencontainers.image.title']).toBe('burrow-rainbow');
    expect(inspected.Healthcheck.Test.join(' ')).toContain('/live');
  });

  test.each([
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['check', '--help'], /burrow-rainbow check/],
  ])('when it is run with %j, then it does just that, without Burrow', async (args, expected) => {
    expect(await runOnce(tools, image, args)).toMatch(expected);
  });

  describe('and running with nothing writable and no privileges', () => {
    let container: Container;
    let burrowUrl: string;
    let sidecarUrl: string;

    beforeEach(async () => {
      const release = await findBurrow();
      const [burrowPort = 0, sidecarPort = 0] = await freePorts(2);
      burrowUrl = `http://127.0.0.1:${burrowPort}`;
      sidecarUrl = `http://127.0.0.1:${sidecarPort}`;
      const configurationDirectory = await mkdtemp(join(workspace, 'etc-'));
      // The container's user is neither the owner nor root.
      await chmod(configurationDirectory, 0o755);
      const configuration = burrowConfiguration({
        clusters: [{ name: 'local', bootstrapServers: watched.kafka.bootstrapServers }],
        zookeeper: watched.zookeeper,
        protocol: release.protocol,
        port: burrowPort,
      });
      // The image tells Burrow by the environment where to put its pid file; Burrow before 1.3 does not read that.
      const general = release.version.startsWith('1.2.')
        ? '[general]\npidfile = "/dev/shm/burrow.pid"\n'
        : '';
      await writeFile(join(configurationDirectory, 'burrow.toml'), general + configuration);
      container = await startContainer(tools, image, {
        configurationDirectory,
        env: {
          RAINBOW_BURROW_SERVERS: burrowUrl,
          RAINBOW_SINK_TYPE: 'stdout',
          RAINBOW_HTTP_PORT: String(sidecarPort),
          RAINBOW_POLL_INTERVAL: '500ms',
          RAINBOW_DISCOVERY_INTERVAL: '500ms',
        },
      });
      await waitUntilHealthy(container);
    });
    afterEach(() => container.remove());

    test('when its processes are looked at, then none is root or has or can gain a capability', async () => {
      const processes = await container.processes();
      expect(processes.map(({ commandLine }) => commandLine.split(' ').slice(0, 2).join(' '))).toEqual([
        'node /app/dist/supervisor.js',
        '/app/burrow --config-dir',
        'node /usr/local/bin/burrow-rainbow',
      ]);
      for (const { status } of processes) {
        expect(status.get('Uid')).toBe('10001\t10001\t10001\t10001');
        expect(status.get('Gid')).toBe('10001\t10001\t10001\t10001');
        expect(status.get('CapEff')).toBe('0000000000000000');
        expect(status.get('CapBnd')).toBe('0000000000000000');
        expect(status.get('NoNewPrivs')).toBe('1');
      }
    });

    test('when something writes to its root, then that is refused; and its Node is 24', async () => {
      const write = (path: string): string =>
        `try { require('fs').writeFileSync('${path}', ''); console.log('written') } catch (e) { console.log(e.code) }`;
      const printed = await container.node(
        `${write('/app/x')}; ${write('/tmp/x')}; console.log(process.version)`,
      );
      expect(printed.trim().split('\n')).toEqual(['EROFS', 'EROFS', expect.stringMatching(/^v24\./)]);
    });

    test('when its files are looked at, then nothing is for development, and nothing is its own to change', async () => {
      // By the lock file: one that development asks for may be needed to run, too.
      const developed = readLockFile(LOCK_FILE).flatMap(({ path, isForDevelopment }) =>
        isForDevelopment ? path : [],
      );
      expect(developed).toContain('node_modules/typescript');
      const printed = await container.node(`
        const { existsSync, lstatSync, readdirSync } = require('fs');
        const all = readdirSync('/app', { recursive: true }).map((name) => '/app/' + name);
        const stats = all.map((path) => ({ path, stat: lstatSync(path) }));
        console.log(JSON.stringify({
          files: all.length,
          changeable: stats.filter(({ stat }) => stat.uid !== 0 || (!stat.isSymbolicLink() && stat.mode & 0o002)).map(({ path }) => path),
          privileged: stats.filter(({ stat }) => stat.isFile() && stat.mode & 0o6000).map(({ path }) => path),
          forDevelopment: ${JSON.stringify(developed)}.filter((path) => existsSync('/app/' + path)),
          settings: all.filter((path) => /\\.npmrc$|\\.env$|\\.pem$|\\.ts$/.test(path) && !/\\/node_modules\\//.test(path)),
        }));
      `);
      expect(JSON.parse(printed)).toEqual({
        files: expect.any(Number) as number,
        changeable: [],
        privileged: [],
        forDevelopment: [],
        // Public ones.
        settings: ['/app/authorities.pem'],
      });
    });

    test('when a command is run in it, then it does just that', async () => {
      const printed = await tools.podman('exec', container.name, 'burrow-rainbow', 'top', '--once');
      expect(printed).toContain('GROUP');
    });

    test('when Burrow looks for the public authorities, then they are there', async () => {
      const count = ['/bin/sh', '-c', 'grep -c "BEGIN CERTIFICATE" "$SSL_CERT_FILE"'];
      expect(Number(await tools.podman('exec', container.name, ...count))).toBeGreaterThan(50);
    });

    test('when its page is asked for, then the dashboard is there, with its script', async () => {
      const page = await (await fetch(sidecarUrl)).text();
      const [, script = ''] = /src="\.(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
      expect((await fetch(`${sidecarUrl}${script}`)).headers.get('content-type')).toContain('javascript');
    });

    test('when SIGTERM comes, then it ends with exit code 0', async () => {
      await container.signal('SIGTERM');
      expect(await container.exitCode()).toBe(0);
    });

    test.each([
      ['Burrow', '/app/burrow'],
      ['the sidecar', 'node /usr/local/bin/burrow-rainbow'],
    ])('when %s is killed, then the container ends and not with 0', async (_, start) => {
      const victim = (await container.processes()).find(({ commandLine }) => commandLine.startsWith(start));
      process.kill(victim!.pid, 'SIGKILL');
      expect(await container.exitCode()).toBe(137);
    });

    test('when a group lags, then its series is on standard output, from its first zero to its last', async () => {
      const kafka = new Kafka({ brokers: [...watched.kafka.bootstrapServers], logLevel: logLevel.NOTHING });
      const admin = kafka.admin();
      const producer = kafka.producer();
      await Promise.all([admin.connect(), producer.connect()]);
      await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }], waitForLeaders: true });
      await producer.send({
        topic: 'orders',
        messages: Array.from({ length: 10 }, (_, index) => ({ value: `${index}` })),
      });
      // Burrow forgets a commit on a topic that it does not know yet.
      await pollUntil(
        async () => {
          const answer = await fetch(`${burrowUrl}/v3/kafka/local/topic/orders`);
          const { offsets } = (await answer.json()) as { offsets?: readonly number[] };
          return offsets?.[0] === 10 ? true : undefined;
        },
        { what: 'Burrow to know the topic', withinMs: 60_000 },
      );
      await admin.setOffsets({
        groupId: 'billing',
        topic: 'orders',
        partitions: [{ partition: 0, offset: '3' }],
      });
      await Promise.all([admin.disconnect(), producer.disconnect()]);

      const values = async (): Promise<readonly number[]> => {
        const lines = await container.lines('stdout');
        return lines.flatMap((line) => {
          const match = /^burrow\.local\.billing\.orders\.0\.Lag (\S+) \d+ /.exec(line);
          return match === null ? [] : [Number(match[1])];
        });
      };
      await pollUntil(async () => ((await values()).includes(7) ? true : undefined), {
        what: 'the lag of 7 on standard output',
        withinMs: 60_000,
      });
      const health = await fetch(`${sidecarUrl}/health-check`);
      expect(health.status).toBe(200);
      await container.signal('SIGTERM');
      expect(await container.exitCode()).toBe(0);
      const all = await values();
      expect([all.at(0), all.at(-1)]).toEqual([0, 0]);
      const strays = (await container.lines('stdout')).filter((line) => !line.startsWith('burrow.'));
      expect(strays).toEqual([]);
    });
  });
});

async function waitUntilHealthy(container: Container): Promise<void> {
  const outcome = await pollUntil(
    async () => {
      if (await container.healthy()) return 'healthy';
      return (await container.running()) ? undefined : 'ended';
    },
    { what: 'the HEALTHCHECK to say healthy', withinMs: 60_000, everyMs: 300 },
  ).catch(() => 'still unhealthy');
  if (outcome === 'healthy') return;
  const log = (await container.lines('stderr')).slice(-20).join('\n');
  await container.remove();
  throw new Error(`the container is ${outcome}:\n${log}`);
}
