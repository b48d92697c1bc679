import { toTailRecord, type LineParts, type TailRecord } from './tail-record.ts';

/**
 * Reads one line of the topic, in Wavefront's format (tags quoted, or bare as goRainbow's were) or as JSON.
 * Null where it is neither: whoever may write to the topic may write anything.
 *
 * @param key of the message that the line stood in
 */
export function readLine(line: string, key: string | null): TailRecord | null {
  const parts = line.startsWith('{') ? readJson(line) : readWavefront(line);
  return parts === null ? null : toTailRecord(parts, key);
}

// Within quotes `\"` is a quote, and a backslash before anything else is one.
const WAVEFRONT =
  /^(\S+) (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?) (\d{1,12})((?: [-\w.]+=(?:"(?:[^"\\]|\\"|\\(?!"))*"|[^\s"]*))*)$/u;
const TAG = / ([-\w.]+)=(?:"((?:[^"\\]|\\"|\\(?!"))*)"|([^\s"]*))/gu;

function readWavefront(line: string): LineParts | null {
  const match = WAVEFRONT.exec(line);
  if (match === null) return null;
  const [, name = '', value, timestamp, rest = ''] = match;
  const tags = new Map<string, string>();
  for (const [, key = '', quoted, bare] of rest.matchAll(TAG)) {
    tags.set(key, quoted?.replaceAll('\\"', '"') ?? bare ?? '');
  }
  const source = tags.get('source') ?? '';
  tags.delete('source');
  return { name, value: Number(value), timestampSeconds: Number(timestamp), source, tags };
}

function readJson(line: string): LineParts | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isMap(json)) return null;
  const { name, value, timestamp, source, tags } = json;
  if (typeof name !== 'string' || typeof value !== 'number' || typeof timestamp !== 'number') return null;
  if (typeof source !== 'string' || !isMap(tags)) return null;
  const read = new Map<string, string>();
  for (const [key, text] of Object.entries(tags)) {
    if (typeof text !== 'string') return null;
    read.set(key, text);
  }
  return { name, value, timestampSeconds: timestamp, source, tags: read };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
