import { once } from 'node:events';
import { findBurrow } from './burrow-binary.ts';
import { cacheDirectory } from './cache.ts';
import { missingTools } from './requirements.ts';
import { stackCommands } from './stack-commands.ts';
import { startStack } from './stack.ts';

const missing = missingTools();
if (missing.length > 0) {
  console.error(`The stack needs ${missing.join(', and ')}.`);
  process.exit(1);
}

console.log(`Fetching what is not yet in ${cacheDirectory()} …`);
const { origin } = await findBurrow();
console.log(origin);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const stack = await startStack().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
const { watched, sink, burrow } = stack;
const commands = stackCommands(stack);
const brokers = sink.bootstrapServers.join(',');
console.log(`
ZooKeeper            ${watched.zookeeper ?? 'not needed'}
Kafka ${watched.kafka.version.padEnd(14)} ${watched.kafka.bootstrapServers.join(',')}  watched by Burrow as cluster "local"
Kafka ${sink.version.padEnd(14)} ${brokers}  for speed-racer
Burrow ${burrow.version.padEnd(13)} ${burrow.url}/v3/kafka

Build the sidecar once: npm run build

Then, each in a terminal of its own: see whether all is there, run the sidecar, watch the groups, read the topic back.

${commands.check}

${commands.run}

${commands.top}

${commands.tail}

Ctrl-C here stops the servers.`);

if (!stop.signal.aborted) await once(stop.signal, 'abort');
await stack.stop();
