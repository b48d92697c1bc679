import type { Stack } from './stack.ts';

/** A line of the shell for each command of the sidecar on these servers, to be run in the folder of package.json. */
export function stackCommands({ burrow, sink }: Pick<Stack, 'burrow' | 'sink'>) {
  const burrowAt = `RAINBOW_BURROW_SERVERS=${burrow.url}`;
  const brokers = `RAINBOW_KAFKA_BROKERS=${sink.bootstrapServers.join(',')}`;
  return {
    check: `${burrowAt} ${brokers} node dist/cli.js check`,
    run: `${burrowAt} ${brokers} RAINBOW_DISCOVERY_INTERVAL=5s RAINBOW_POLL_INTERVAL=2s node dist/cli.js run`,
    top: 'node dist/cli.js top',
    tail: `${brokers} node dist/cli.js tail`,
  } as const;
}
