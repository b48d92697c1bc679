import { createHash, randomBytes } from 'node:crypto';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';

export interface StorageOptions {
  /** Arguments of `java` up to the class to run. */
  readonly jvm: readonly string[];
  readonly version: string;
  readonly clusterId: string;
  readonly brokerId: number;
  /** Lines of `server.properties`. */
  readonly properties: string;
  /** More arguments for `kafka.tools.StorageTool format`. */
  readonly formatArguments: readonly string[];
}

/**
 * Makes `directory` an empty data directory of a KRaft broker, as `kafka-storage format` would. What that makes is the
 * same for all but for three ids, so Kafka's own tool, a JVM for a second, runs once and the rest are copies.
 */
export async function formatStorage(directory: string, options: StorageOptions): Promise<void> {
  const { jvm, version, clusterId, brokerId, properties, formatArguments } = options;
  const kind = createHash('sha256').update(formatArguments.join('\n')).digest('hex').slice(0, 12);
  const template = await cached(`kafka-${version}-storage-${kind}`, async (workspace) => {
    const file = join(workspace, 'server.properties');
    // Of two lines with one key the later counts.
    await writeFile(file, `${properties}log.dirs=${join(workspace, 'data')}\n`);
    const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '--config', file];
    await runCommand('java', [...jvm, ...format, ...formatArguments], { cwd: workspace });
  });
  await cp(join(template, 'data'), directory, { recursive: true });
  const ids = {
    version: '1',
    'cluster.id': clusterId,
    'node.id': String(brokerId),
    'directory.id': randomBytes(16).toString('base64url'),
  };
  const lines = Object.entries(ids).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(join(directory, 'meta.properties'), lines.join(''));
}
