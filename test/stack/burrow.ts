import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBurrow } from './burrow-binary.ts';
import { burrowConfiguration, type BurrowNotifier, type WatchedCluster } from './burrow-configuration.ts';
import { freePorts } from './free-port.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';
import { startZookeeper } from './zookeeper.ts';

export interface BurrowOptions {
  readonly clusters: readonly WatchedCluster[];
  /** `host:port`. Where it is left out and this Burrow needs one, Burrow gets a ZooKeeper of its own. */
  readonly zookeeper?: string;
  readonly notifier?: BurrowNotifier;
}

export interface Burrow extends ServerProcess {
  /** `http://127.0.0.1:port`. Stays the same over restarts. */
  readonly url: string;
  readonly version: string;
  /** The configuration file, for reading. */
  readonly configurationFile: string;
  /** Ends it, with the ZooKeeper that was started for it. To have it back use `restart()` after `kill()`. */
  dispose(): Promise<void>;
}

/**
 * Starts Burrow on a free loopback port. Resolves when its HTTP server answers; that it has seen topics, groups and
 * commits takes a second or two more, so poll for what you need.
 */
export async function startBurrow(options: BurrowOptions): Promise<Burrow> {
  const release = await findBurrow();
  const needsZookeeper = release.needsZookeeper || options.notifier !== undefined;
  const zookeeper = options.zookeeper === undefined && needsZookeeper ? await startZookeeper() : undefined;
  const directory = await mkdtemp(join(tmpdir(), 'rainbow-burrow-'));
  const dispose = async (): Promise<void> => {
    await server?.kill();
    await zookeeper?.stop();
    await rm(directory, { recursive: true, force: true });
  };
  let server: ServerProcess | undefined;
  try {
    const [port = 0] = await freePorts(1);
    const configurationFile = join(directory, 'burrow.toml');
    await writeFile(
      configurationFile,
      burrowConfiguration({
        clusters: options.clusters,
        notifier: options.notifier,
        zookeeper: options.zookeeper ?? zookeeper?.address,
        protocol: release.protocol,
        port,
      }),
    );
    const url = `http://127.0.0.1:${port}`;
    server = createServerProcess({
      name: `Burrow ${release.version}`,
      command: release.binary,
      args: ['--config-dir', directory],
      cwd: directory,
      logFile: join(directory, 'burrow.log'),
      ready: async () => {
        const response = await fetch(`${url}/burrow/admin`, { signal: AbortSignal.timeout(2000) });
        return response.ok && (await response.text()).includes('GOOD');
      },
      readyWithinMs: 30_000,
    });
    await server.start();
    return { ...server, url, version: release.version, configurationFile, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
