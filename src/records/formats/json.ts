import { cleanNamePart, cleanText } from '../clean-text.ts';
import { rowOf } from '../metrics.ts';
import { createNaming, NAMED_TAGS, NAMING_NAMES } from '../naming/naming.ts';
import { fixText } from '../text-pages.ts';
import type { Format, ReadRecord, ShowTag } from './format.ts';

const showTag: ShowTag = (_key, text) => cleanText(text);

const TIMESTAMP = fixText(',"timestamp":');
const ZERO = /^\{"name":"[^"]*","family":"\w+","value":0,"timestamp":(\d+)/;

/** Epoch seconds; texts may be of any length. */
export const jsonFormat: Format = {
  description: 'one JSON object a line, `{"name","family","value","timestamp","source","tags"}`',
  namings: NAMING_NAMES,
  reservedTags: NAMED_TAGS,
  unitsPerMessage: 1,
  mostTags: Infinity,
  showTag,
  shortens: () => false,
  create(namingName, prefix) {
    const naming = createNaming(namingName, prefix);
    return {
      unit: 'record',
      hasOwnText: (metric) => naming.wordOf(metric) === '',
      subjectText({ subject, metric, source, globalTags }) {
        // A clean name holds nothing that JSON would escape.
        const stem = naming.stemOf(subject, metric).map(cleanNamePart).join('.');
        const pairs = [...globalTags, ...naming.tagsOf(subject, metric)].map(
          ([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(cleanText(text))}`,
        );
        const tags = `"tags":{${pairs.join(',')}}`;
        return {
          before: `{"name":"${stem}`,
          after: `,"source":${JSON.stringify(cleanText(source))},${tags}}\n`,
        };
      },
      metricText(metric) {
        const word = naming.wordOf(metric);
        return `${word === '' ? '' : `.${cleanNamePart(word)}`}","family":"${rowOf(metric).family}","value":`;
      },
      begin: (out, { page, from, middle }) => out.text(page.view, from, middle),
      value(out, { view, byteLength }, value) {
        out.text(view, 0, byteLength);
        out.number(value);
      },
      end(out, { page, middle, to }, timestampSeconds) {
        out.text(TIMESTAMP.view, 0, TIMESTAMP.byteLength);
        out.number(timestampSeconds);
        out.text(page.view, middle, to);
      },
    };
  },
  read(unit) {
    const record = unit.startsWith('{') ? readObject(unit) : null;
    return record === null ? [] : [record];
  },
  seriesOfZeroes(unit) {
    const [head, timestamp] = ZERO.exec(unit) ?? [];
    if (head === undefined || timestamp === undefined) return null;
    return head.slice(0, -timestamp.length) + unit.slice(head.length);
  },
};

function readObject(text: string): ReadRecord | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isMap(json)) return null;
  const { name, value, timestamp, source, tags } = json;
  if (typeof name !== 'string' || typeof value !== 'number' || typeof timestamp !== 'number') return null;
  if (typeof source !== 'string' || !isMap(tags)) return null;
  const read = new Map<string, string>();
  for (const [key, tag] of Object.entries(tags)) {
    if (typeof tag !== 'string') return null;
    read.set(key, tag);
  }
  return { name, value, timestampSeconds: timestamp, source, tags: read };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
