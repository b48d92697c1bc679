import { parseArgs } from 'node:util';

import { parseDuration } from './setting/units.ts';
import type { Fault } from './fault.ts';
import { foreignFlagHint, unknownFlagHint } from './flag-hints.ts';
import { commands, flags, hasFlag, type Command, type Flag } from './flags.ts';
import type { LoadArguments } from './load-configuration.ts';
import { nearest } from './nearest.ts';
import { readTailOptions, type TailOptions } from './tail-options.ts';
import { readTopOptions, type TopOptions } from './top-options.ts';

/** What `demo` simulates. */
export interface DemoOptions {
  /** Consumer groups over all clusters. */
  readonly groups: number;
  /** Of every topic. */
  readonly partitions: number;
  readonly seed: number;
  /** Seconds of the simulated world in one second; more than 0. */
  readonly speed: number;
  /** Null: until it is stopped. */
  readonly forMs: number | null;
  /** On a terminal: records scroll by, instead of the table of `top`. */
  readonly showsRecords: boolean;
}

/** What a command line asks for. `args` is for `loadConfiguration`. */
export type CommandLine =
  | { readonly kind: 'run'; readonly args: LoadArguments }
  | { readonly kind: 'check'; readonly args: LoadArguments }
  | { readonly kind: 'demo'; readonly args: LoadArguments; readonly demo: DemoOptions }
  | { readonly kind: 'tail'; readonly args: LoadArguments; readonly tail: TailOptions }
  | { readonly kind: 'top'; readonly args: LoadArguments; readonly top: TopOptions }
  /** `command` null: help about all of them. */
  | { readonly kind: 'help'; readonly command: Command | null }
  | { readonly kind: 'version' }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] };

const SOURCE = 'command line';

/** Reads the arguments after the program's name. Never throws; all faults are found in one go. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { given, words, faults } = readTokens(argv);
  const [word, ...rest] = words;
  const command = word === undefined ? 'run' : isCommand(word) ? word : null;
  if (has(given, 'help')) return { kind: 'help', command: word === undefined ? null : command };
  if (has(given, 'version')) return { kind: 'version' };
  if (command === null) faults.unshift(unknownCommand(word ?? ''));
  for (const extra of rest) {
    faults.push({
      path: extra,
      rule: 'is one word too many',
      source: SOURCE,
      hint: 'give one command, then flags',
    });
  }
  if (command !== null) faults.push(...foreignFlags(command, given));
  const demo = readDemo(given, faults);
  const tail = readTailOptions(given, faults);
  const top = readTopOptions(given, faults);
  const args = readLoadArguments(given);
  if (faults.length > 0 || command === null) return { kind: 'faults', faults };
  switch (command) {
    case 'demo':
      return { kind: command, args: { ...args, demo: true }, demo };
    case 'tail':
      return { kind: command, args: { ...args, sendsNothing: true }, tail };
    case 'top':
      return { kind: command, args: { ...args, sendsNothing: true }, top };
    default:
      return { kind: command, args };
  }
}

interface GivenFlag {
  readonly name: string;
  readonly value: string;
}

/** Flags and words in their order. Not strict, since strictness stops at the first fault and guesses at no name. */
function readTokens(argv: readonly string[]) {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { short, value }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...(short !== undefined && { short }) } as const,
      ]),
    ),
  });
  const given: GivenFlag[] = [];
  const words: string[] = [];
  const faults: Fault[] = [];
  let faultyIndex = -2;
  for (const token of tokens) {
    // A word after a faulty flag was most likely meant as its value; it is left alone, for it may be a secret.
    if (token.kind === 'positional' && token.index !== faultyIndex + 1) words.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    const fault =
      flag === undefined
        ? {
            path: token.rawName,
            rule: 'is not a known flag',
            source: SOURCE,
            hint: unknownFlagHint(token.name),
          }
        : valueFault(flag, token);
    if (fault === null) given.push({ name: token.name, value: token.value ?? '' });
    else {
      faults.push(fault);
      faultyIndex = token.value === undefined || token.inlineValue ? token.index : token.index + 1;
    }
  }
  return { given, words, faults };
}

function valueFault(
  flag: Flag,
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
): Fault | null {
  const { rawName: path, value } = token;
  if (flag.value === undefined) {
    return value === undefined
      ? null
      : { path, rule: 'takes no value', source: SOURCE, hint: `write ${path} alone` };
  }
  const isNextFlag = value?.startsWith('-') === true && token.inlineValue !== true && !/^-[\d.]/.test(value);
  if (value !== undefined && value !== '' && !isNextFlag) return null;
  return { path, rule: 'needs a value', source: SOURCE, hint: `write ${path} ${flag.value}` };
}

/** Flags that the command does not have, though others do. */
function foreignFlags(command: Command, given: readonly GivenFlag[]): Fault[] {
  return given.flatMap(({ name }) => {
    const flag = flags[name];
    if (flag?.commands === undefined || hasFlag(command, flag)) return [];
    const hint = foreignFlagHint(name, flag.commands);
    return [{ path: `--${name}`, rule: `is only for ${flag.commands.join(', ')}`, source: SOURCE, hint }];
  });
}

function unknownCommand(word: string): Fault {
  const near = nearest(word, Object.keys(commands));
  const hint = near === null ? `there are ${Object.keys(commands).join(', ')}` : `did you mean ${near}?`;
  return { path: word, rule: 'is not a known command', source: SOURCE, hint };
}

function readLoadArguments(given: readonly GivenFlag[]): LoadArguments {
  const configFile = given.findLast(({ name }) => name === 'config')?.value;
  // In the order in which they were given, so that the later of two for one key wins.
  const set = given.flatMap(({ name, value }) => {
    const setting = flags[name]?.setting;
    if (setting !== undefined) return [`${setting}=${value}`];
    return name === 'set' ? [value] : [];
  });
  return { set, ...(configFile !== undefined && { configFile }) };
}

function readDemo(given: readonly GivenFlag[], faults: Fault[]): DemoOptions {
  const number = (name: string): number => {
    const range = flags[name]?.range;
    const text = given.findLast((flag) => flag.name === name)?.value;
    if (range === undefined || text === undefined) return range?.preset ?? 0;
    const value = /^\d{1,10}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
    if (value >= range.least && value <= range.most && (!range.whole || Number.isInteger(value)))
      return value;
    const rule = `must be a ${range.whole ? 'whole ' : ''}number from ${range.least} to ${range.most}`;
    faults.push({ path: `--${name}`, rule, got: JSON.stringify(text), source: SOURCE });
    return range.preset;
  };
  return {
    groups: number('groups'),
    partitions: number('partitions'),
    seed: number('seed'),
    speed: number('speed'),
    forMs: readFor(given, faults),
    // Whoever says how records are to look, or names standard output, wants to see them.
    showsRecords:
      has(given, 'records') ||
      has(given, 'format') ||
      given.some(({ name, value }) => name === 'sink' && value === 'stdout'),
  };
}

function readFor(given: readonly GivenFlag[], faults: Fault[]): number | null {
  const text = given.findLast(({ name }) => name === 'for')?.value;
  if (text === undefined) return null;
  const forMs = parseDuration(text);
  if (forMs !== null && forMs > 0 && forMs <= 86_400_000) return forMs;
  const rule = 'must be a duration up to 1d, such as 30s or 5m';
  faults.push({ path: '--for', rule, got: JSON.stringify(text), source: SOURCE });
  return null;
}

function has(given: readonly GivenFlag[], flag: string): boolean {
  return given.some(({ name }) => name === flag);
}

function isCommand(word: string): word is Command {
  return Object.hasOwn(commands, word);
}
