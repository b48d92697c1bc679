import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';
import { javaArguments } from './java.ts';
import { fetchJars } from './maven-jars.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';

const ZOOKEEPER = '3.9.3';

export interface Zookeeper extends ServerProcess {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a single ZooKeeper on a free loopback port. Only Burrow's notifier needs one. */
export async function startZookeeper(): Promise<Zookeeper> {
  const classPath = await fetchZookeeper();
  const directory = await mkdtemp(join(tmpdir(), 'rainbow-zookeeper-'));
  const [port = 0] = await freePorts(1);
  const file = join(directory, 'zoo.cfg');
  const lines = [
    'tickTime=1000',
    `dataDir=${join(directory, 'data')}`,
    `clientPort=${port}`,
    'clientPortAddress=127.0.0.1',
    'admin.enableServer=false',
    '4lw.commands.whitelist=srvr',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const server = createServerProcess({
    name: `ZooKeeper ${ZOOKEEPER}`,
    command: 'java',
    args: [...javaArguments(classPath, 64, []), 'org.apache.zookeeper.server.ZooKeeperServerMain', file],
    cwd: directory,
    logFile: join(directory, 'zookeeper.log'),
    ready: () => serves(port),
    readyWithinMs: 60_000,
  });
  const stop = async (): Promise<void> => {
    await server.kill();
    await rm(directory, { recursive: true, force: true });
  };
  await server.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { ...server, address: `127.0.0.1:${port}`, stop };
}

function fetchZookeeper(): Promise<string> {
  return fetchJars(`zookeeper-${ZOOKEEPER}`, [
    {
      groupId: 'org.apache.zookeeper',
      artifactId: 'zookeeper',
      version: ZOOKEEPER,
      exclusions: ['ch.qos.logback:logback-classic', 'ch.qos.logback:logback-core'],
    },
    // Its published list of dependencies leaves out two that its server loads.
    { groupId: 'io.dropwizard.metrics', artifactId: 'metrics-core', version: '4.1.12.1' },
    { groupId: 'org.xerial.snappy', artifactId: 'snappy-java', version: '1.1.10.5' },
    { groupId: 'org.slf4j', artifactId: 'slf4j-simple', version: '1.7.36' },
  ]);
}

/** Asks `srvr`: while it still starts it accepts connections, but says that it does not serve yet. */
function serves(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2000 }, () => socket.write('srvr'));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('error', reject);
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('close', () => resolve(answer.includes('Mode: ')));
  });
}
