/** One line of the topic, read back. */
export interface ReadRecord {
  readonly name: string;
  readonly value: number;
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly source: string;
  readonly tags: Readonly<Record<string, string>>;
}

const LINE =
  /^([-A-Za-z0-9_./~∆]+) (-?\d+(?:\.\d+)?) (\d{10}) source=("(?:[^"\\]|\\.)*")((?: [-A-Za-z0-9_.]+="(?:[^"\\]|\\.)*")*)$/;
const TAG = / ([-A-Za-z0-9_.]+)="((?:[^"\\]|\\.)*)"/g;

/**
 * Reads a line of Wavefront's data format as strictly as its receiver might: one space between the parts, a plain
 * decimal number, seconds, quoted tags, each key once. Throws on anything else.
 */
export function readWavefrontLine(line: string): ReadRecord {
  const match = LINE.exec(line);
  if (match === null) throw new Error(`not a line of Wavefront's format: ${line}`);
  const [, name = '', value, timestamp, source = '', rest = ''] = match;
  const tags: Record<string, string> = {};
  for (const [, key = '', text = ''] of rest.matchAll(TAG)) {
    if (key in tags) throw new Error(`the tag ${key} is there twice: ${line}`);
    tags[key] = unescape(text);
  }
  return {
    name,
    value: Number(value),
    timestamp: Number(timestamp),
    source: unescape(source.slice(1, -1)),
    tags,
  };
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
