/** One line of the topic, read back. */
export interface ReadRecord {
  readonly name: string;
  readonly value: number;
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly source: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Within quotes `\"` is a quote, and a backslash before anything else is one. Bare is what no reader could misread. */
const QUOTED = /"(?:[^"\\]|\\"|\\(?!"))*"/.source;
const BARE = /[-A-Za-z0-9_.,/\\]+/.source;
const LINE = new RegExp(
  `^([-A-Za-z0-9_./~∆]+) (-?\\d+(?:\\.\\d+)?) (\\d{10}) source=(${QUOTED}|${BARE})((?: [-A-Za-z0-9_.]+=(?:${QUOTED}|${BARE}))*)$`,
);
const TAG = new RegExp(` ([-A-Za-z0-9_.]+)=(${QUOTED}|${BARE})`, 'g');

/**
 * Reads a line of Wavefront's data format as strictly as its receiver might: one space between the parts, a plain
 * decimal number, seconds, tags that are not blank and not too long, each key once. Throws on anything else.
 */
export function readWavefrontLine(line: string): ReadRecord {
  const match = LINE.exec(line);
  if (match === null) throw new Error(`not a line of Wavefront's format: ${line}`);
  const [, name = '', value, timestamp, source = '', rest = ''] = match;
  if (name.length > 1023) throw new Error(`the name has ${name.length} characters: ${line}`);
  const tags: Record<string, string> = {};
  for (const [, key = '', written = ''] of rest.matchAll(TAG)) {
    if (key in tags) throw new Error(`the tag ${key} is there twice: ${line}`);
    const text = readValue(written);
    if (text.trim() === '') throw new Error(`the tag ${key} is blank: ${line}`);
    if (key.length + text.length > 254) throw new Error(`the tag ${key} is too long: ${line}`);
    tags[key] = text;
  }
  return { name, value: Number(value), timestamp: Number(timestamp), source: readValue(source), tags };
}

function readValue(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('\\"', '"') : written;
}
