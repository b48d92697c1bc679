import { runCommand } from '../../stack/command.ts';
import { javaArguments } from '../../stack/java.ts';
import { fetchKafka } from '../../stack/kafka-jars.ts';
import type { KafkaCluster } from '../../stack/kafka.ts';

/**
 * Kafka's own `kafka-configs --alter`, for what no client of ours can set: quotas and the passwords of users.
 *
 * @param entity such as `clients` and the client id
 * @param change a setting to add, `name=value`, or the name of one to remove
 */
export async function alterKafkaConfig(
  { version, bootstrapServers }: Pick<KafkaCluster, 'version' | 'bootstrapServers'>,
  entity: { readonly type: 'clients' | 'users'; readonly name: string },
  change: { readonly add: string } | { readonly remove: string },
): Promise<void> {
  const what = 'add' in change ? ['--add-config', change.add] : ['--delete-config', change.remove];
  await runCommand('java', [
    ...javaArguments(await fetchKafka(version), 128, []),
    'kafka.admin.ConfigCommand',
    ...['--bootstrap-server', bootstrapServers.join(',')],
    ...['--alter', '--entity-type', entity.type, '--entity-name', entity.name],
    ...what,
  ]);
}
