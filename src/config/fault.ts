/** One thing that is wrong with the configuration or the command line. Never holds a secret. */
export interface Fault {
  /** The key as the user writes it (`burrow.servers[0].url`), a flag (`--speed`), or '' where neither applies. */
  readonly path: string;
  /** A clause that follows the path: 'must be …'. Without a path, a sentence of its own. */
  readonly rule: string;
  /** What was found, quoted where it is text; absent where nothing was, or where it might be a secret. */
  readonly got?: string;
  /** `rainbow.yaml:4:13`, the name of an environment variable, `command line`, or `not set`. */
  readonly source: string;
  /** What to change. */
  readonly hint?: string;
}

/** Faults as a person wants to read them on a terminal; ends with a newline. */
export function formatFaults(faults: readonly Fault[]): string {
  const count = faults.length === 1 ? 'one thing' : `${faults.length} things`;
  return (
    [`Cannot start: ${count} to change in configuration or flags.`, ...faults.map(formatFault)].join('\n\n') +
    '\n'
  );
}

/** A fault on one line, for the log. */
export function describeFault({ path, rule, got, source, hint }: Fault): string {
  const what = path === '' ? rule : `${path} ${rule}`;
  const found = got === undefined ? `at ${source}` : `got ${got}, ${source}`;
  return printable(`${what} (${found})${hint === undefined ? '' : ` → ${hint}`}`);
}

function formatFault(fault: Fault): string {
  const lines = [fault.path === '' ? fault.rule : `${fault.path} ${fault.rule}`];
  if (fault.got !== undefined) lines.push(`  got ${fault.got} (${fault.source})`);
  else if (fault.source !== 'not set') lines.push(`  at ${fault.source}`);
  if (fault.hint !== undefined) lines.push(`  → ${fault.hint}`);
  return lines.map((line) => `  ${printable(line)}`).join('\n');
}

/** Keys and values come from a file: what would move the cursor or fake a line is shown as an escape. */
function printable(line: string): string {
  return line.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
