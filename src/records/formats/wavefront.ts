import { cleanNamePart, cleanText, shorten } from '../clean-text.ts';
import { createNaming, NAMED_TAGS, NAMING_NAMES } from '../naming/naming.ts';
import type { Format, ShowTag } from './format.ts';

/**
 * Wavefront's decoder refuses a line with a tag whose key and value together have 255 characters or more.
 * Source: com.wavefront.data.Validation, WF-411; characters are UTF-16 units. Telegraf's parser knows no bound.
 */
const MOST_TAG_CHARACTERS = 254;

/**
 * As long as a topic may be. With three such parts, a prefix and a metric a name stays below the 1,024 characters
 * from which on Wavefront's decoder refuses it (WF-408).
 */
const LONGEST_NAME_PART = 249;

/**
 * A text such that readers of the format read it back as it stands here. A backslash as the last character would escape
 * the closing quote and becomes `_`; a blank value, which costs the line, is no value; one that is too long ends in a
 * hash of the whole, so that two long names stay two.
 */
const showTag: ShowTag = (key, text) => {
  const clean = shorten(cleanText(text), MOST_TAG_CHARACTERS - key.length, text);
  if (clean.trim() === '') return '';
  return clean.endsWith('\\') ? `${clean.slice(0, -1)}_` : clean;
};

const SPACE = 0x20;

/**
 * Within quotes the one escape is `\"`: a backslash anywhere else is one, to Wavefront's decoder as to Telegraf's parser.
 * Sources: https://docs.wavefront.com/wavefront_data_format.html, com.wavefront.ingester.StringParser
 */
export const wavefrontFormat: Format = {
  description: 'one line a record, `name value timestamp source="…" key="value"…`',
  namings: NAMING_NAMES,
  reservedTags: NAMED_TAGS,
  unitsPerMessage: 50,
  // As many as Wavefront takes with a point, source aside.
  mostTags: 20,
  showTag,
  shortens: (key, text) => text.length > MOST_TAG_CHARACTERS - key.length,
  create(namingName, prefix) {
    const naming = createNaming(namingName, prefix);
    const write = namingName === 'gorainbow' ? writeBare : quote;
    return {
      unit: 'record',
      hasOwnText: (metric) => naming.wordOf(metric) === '',
      subjectText({ subject, metric, source, globalTags }) {
        let after = '';
        for (const [key, text] of [
          ['source', source] as const,
          ...globalTags,
          ...naming.tagsOf(subject, metric),
        ]) {
          const shown = showTag(key, text);
          if (shown !== '') after += ` ${key}=${write(shown)}`;
        }
        return { before: naming.stemOf(subject, metric).map(namePart).join('.'), after: `${after}\n` };
      },
      metricText(metric) {
        const word = naming.wordOf(metric);
        return word === '' ? ' ' : `.${namePart(word)} `;
      },
      begin: (out, { page, from, middle }) => out.text(page.view, from, middle),
      value(out, { view, byteLength }, value) {
        out.text(view, 0, byteLength);
        out.number(value);
      },
      end(out, { page, middle, to }, timestampSeconds) {
        out.byte(SPACE);
        out.number(timestampSeconds);
        out.text(page.view, middle, to);
      },
    };
  },
  read(unit) {
    const match = LINE.exec(unit);
    if (match === null) return [];
    const [, name = '', value, timestamp, rest = ''] = match;
    const tags = new Map<string, string>();
    for (const [, key = '', quoted, bare] of rest.matchAll(TAG)) {
      tags.set(key, quoted?.replaceAll('\\"', '"') ?? bare ?? '');
    }
    const source = tags.get('source') ?? '';
    tags.delete('source');
    return [{ name, value: Number(value), timestampSeconds: Number(timestamp), source, tags }];
  },
  seriesOfZeroes(unit) {
    const [head, timestamp] = ZERO.exec(unit) ?? [];
    if (head === undefined || timestamp === undefined) return null;
    return head.slice(0, -timestamp.length) + unit.slice(head.length);
  },
};

// Within quotes `\"` is a quote, and a backslash before anything else is one.
const LINE =
  /^(\S+) (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?) (\d{1,12})((?: [-\w.]+=(?:"(?:[^"\\]|\\"|\\(?!"))*"|[^\s"]*))+)$/u;
const TAG = / ([-\w.]+)=(?:"((?:[^"\\]|\\"|\\(?!"))*)"|([^\s"]*))/gu;
const ZERO = /^[^\s{]\S* 0 (\d+)/;

function namePart(part: string): string {
  return shorten(cleanNamePart(part), LONGEST_NAME_PART, part);
}

function quote(shown: string): string {
  return `"${shown.replaceAll('"', '\\"')}"`;
}

/**
 * As goRainbow wrote it, but for what is not read back so: to Telegraf's parser a bare value has letters, digits and
 * `-_./\,`, and Wavefront's decoder ends it at the next space, `=` or quote.
 */
function writeBare(shown: string): string {
  return /^[-_./\\,a-zA-Z0-9]+$/.test(shown) ? shown : quote(shown);
}
