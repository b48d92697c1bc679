import { fencesOf } from '../../docs/markdown.ts';
import { readText } from '../../docs/pages.ts';
import { runCommand } from '../../stack/command.ts';
import { javaArguments } from '../../stack/java.ts';
import { fetchKafkaTools, KAFKA_4 } from '../../stack/kafka-jars.ts';

/** The arguments of each `kafka-acls.sh` of the page about security, without the quotes of the shell. */
export const DOCUMENTED_ACLS: readonly (readonly string[])[] = fencesOf(readText('docs/security-and-acls.md'))
  .flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'))
  .flatMap((line) => /^kafka-acls\.sh (.*)$/.exec(line)?.[1] ?? [])
  .map((line) => line.replaceAll("'", '').split(/ +/));

/** Runs each of them against these brokers, as an administrator; fails where they refuse one. */
export async function grantDocumentedAcls(bootstrapServers: readonly string[]): Promise<void> {
  const classPath = await fetchKafkaTools(KAFKA_4);
  for (const words of DOCUMENTED_ACLS) {
    const own = words.map((word, index) => {
      if (words[index - 1] === '--bootstrap-server') return bootstrapServers.join(',');
      return words[index - 1] === '--command-config' ? '/dev/null' : word;
    });
    const tool = ['org.apache.kafka.tools.AclCommand', ...own];
    await runCommand('java', [...javaArguments(classPath, 128, []), ...tool]);
  }
}
