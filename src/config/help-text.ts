import { commands, flags, hasFlag, type Command, type Flag } from './flags.ts';

/** Help about one command, or about all where it is null. At most 80 columns; ends with a newline. */
export function helpText(command: Command | null): string {
  const lines =
    command === null
      ? [
          "burrow-rainbow turns what LinkedIn's Burrow knows about Kafka consumer lag",
          'into time series that begin and end with 0.',
          '',
          'Usage: burrow-rainbow [COMMAND] [FLAGS]',
          '',
          'Commands:',
          ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(COLUMN)}${summary}`),
        ]
      : [`${commands[command].summary}.`, '', `Usage: burrow-rainbow ${command} [FLAGS]`];
  // Without a command it runs.
  const shown = Object.entries(flags).filter(([, flag]) => hasFlag(command ?? 'run', flag));
  lines.push(
    '',
    'Flags:',
    ...shown.map(([name, flag]) => `  ${signature(name, flag).padEnd(COLUMN)}${detail(flag)}`),
  );
  const examples =
    command === null
      ? Object.values(commands).map(({ examples: [first] }) => first)
      : commands[command].examples;
  lines.push('', 'Examples:', ...examples.map((example) => `  ${example}`), '');
  const about = command === null ? undefined : commands[command].about;
  if (about !== undefined) lines.push(...about, '');
  if (command === null) lines.push('burrow-rainbow COMMAND --help says more about one command.');
  lines.push(
    'Every key can be set in the YAML file, as an environment variable',
    '(poll.interval is RAINBOW_POLL_INTERVAL) and with --set; the later one wins.',
    'Exit codes: 0 stopped as asked, 1 failed, 2 bad configuration or port in use.',
  );
  return `${lines.join('\n')}\n`;
}

const COLUMN = 25;

function signature(name: string, { short, value }: Flag): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}

function detail({ description, range }: Flag): string {
  return range === undefined ? description : `${description} (default ${range.preset})`;
}
