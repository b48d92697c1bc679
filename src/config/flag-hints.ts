import { flags, type Command } from './flags.ts';
import { nearest } from './nearest.ts';
import { settingAt, settings, showPath, type Setting } from './settings-list.ts';

/** So many keys are suggested at most. */
const MOST_KEYS = 3;

const settable = settings.filter(({ environment }) => environment !== null);

/** What to write in place of a flag that no command has. */
export function unknownFlagHint(name: string): string {
  const keys = keysLike(name);
  if (keys.length > 0) return `write ${keys.map(assignment).join(' or ')}`;
  const flagNames = Object.keys(flags);
  const byKey = new Map(settable.map((setting) => [bare(showPath(setting.path)), setting]));
  const near = nearest(name, [...flagNames, ...byKey.keys()]);
  if (near === null) return 'see burrow-rainbow --help';
  const key = byKey.get(near);
  if (key !== undefined && !flagNames.includes(near)) return `did you mean ${assignment(key)}?`;
  const owners = flags[near]?.commands;
  return `did you mean --${near}${owners === undefined ? '' : ` (${owners.join(', ')})`}?`;
}

/** What to do about a flag that only other commands have. */
export function foreignFlagHint(name: string, commands: readonly [Command, ...Command[]]): string {
  const others = `try burrow-rainbow ${commands[0]}`;
  // What sets a key has no meaning to a command that does not need the key.
  if (flags[name]?.setting !== undefined) return `leave it out, or ${others}`;
  const keys = keysLike(name);
  return keys.length === 0 ? others : `${others}, or set a key: ${keys.map(assignment).join(' or ')}`;
}

/** The keys whose path, or the end of it, is the name: `port`, `http-port`, `http.port` and `httpPort` are http.port. */
function keysLike(name: string): readonly Setting[] {
  const wanted = bare(name);
  const lengths = (setting: Setting): number[] => setting.path.map((_, at) => at);
  const isEnd = (setting: Setting): boolean =>
    lengths(setting).some((at) => bare(showPath(setting.path.slice(at))) === wanted);
  const found = settable.filter(isEnd);
  const section = settable.find(({ path }) => path.length > 1 && bare(String(path[0])) === wanted);
  return (found.length === 0 && section !== undefined ? [section] : found).slice(0, MOST_KEYS);
}

function bare(text: string): string {
  return text.replace(/[-_.]/g, '').toLowerCase();
}

/** A secret is not for the command line, which other users of the machine can read: the key that names a file is. */
function assignment({ path }: Setting): string {
  const file = [...path.slice(0, -1), `${String(path.at(-1))}File`];
  return `--set ${showPath(settingAt(file) === undefined ? path : file)}=…`;
}
