import { cleanText, shorten } from '../clean-text.ts';
import { createNaming, NAMED_TAGS } from '../naming/naming.ts';
import type { Format, ShowTag } from './format.ts';

/**
 * carbon closes the connection at a line of more than 16,384 bytes. With values of so many characters, of three bytes
 * each, a line stays below that even with as many tags as it may have.
 */
const MOST_TAG_CHARACTERS = 160;

/** As long as a topic may be; carbon loses a node of more than 255 bytes, which would be a file name too long. */
const LONGEST_NODE = 249;

/** carbon splits a line at white space, tags at `;`, and takes no value that begins with `~`. */
const showTag: ShowTag = (_key, text) =>
  shorten(cleanText(text), MOST_TAG_CHARACTERS, text).replace(/[\s;]/gu, '_').replace(/^~/, '_');

const SPACE = 0x20;
const NEWLINE = 0x0a;

/**
 * Graphite's plaintext protocol with tags.
 * Source: https://graphite.readthedocs.io/en/latest/tags.html
 */
export const graphiteFormat: Format = {
  description: 'one line a record, `name;key=value… value timestamp`',
  // In goRainbow's naming the rates of two groups have the same tags, and paths show `a.b` and `a_b` alike.
  namings: ['rainbow'],
  reservedTags: [...NAMED_TAGS, 'name'],
  unitsPerMessage: 50,
  mostTags: 20,
  showTag,
  shortens: (_key, text) => text.length > MOST_TAG_CHARACTERS,
  create(namingName, prefix) {
    const naming = createNaming(namingName, prefix);
    // A line has its value behind the tags, and is complete with its end.
    let current = 0;
    return {
      unit: 'record',
      hasOwnText: (metric) => naming.wordOf(metric) === '',
      subjectText({ subject, metric, source, globalTags }) {
        const tags = [['source', source] as const, ...globalTags, ...naming.tagsOf(subject, metric)]
          .map(([key, text]) => [key, showTag(key, text)] as const)
          .filter(([, shown]) => shown !== '')
          .map(([key, shown]) => `;${key}=${shown}`);
        return { before: naming.stemOf(subject, metric).map(node).join('.'), after: `${tags.join('')} ` };
      },
      metricText(metric) {
        const word = naming.wordOf(metric);
        return word === '' ? '' : `.${word.split('.').map(node).join('.')}`;
      },
      begin: (out, { page, from, middle }) => out.text(page.view, from, middle),
      value(out, { view, byteLength }, value) {
        out.text(view, 0, byteLength);
        current = value;
      },
      end(out, { page, middle, to }, timestampSeconds) {
        out.text(page.view, middle, to);
        out.number(current);
        out.byte(SPACE);
        out.number(timestampSeconds);
        out.byte(NEWLINE);
      },
    };
  },
  read(unit) {
    const [, name = '', pairs, value, timestamp] = LINE.exec(unit) ?? [];
    if (pairs === undefined) return [];
    const tags = new Map([...pairs.matchAll(TAG)].map(([, key = '', text = '']) => [key, text]));
    const source = tags.get('source') ?? '';
    tags.delete('source');
    return [{ name, value: Number(value), timestampSeconds: Number(timestamp), source, tags }];
  },
  seriesOfZeroes: (unit) => ZERO.exec(unit)?.[1] ?? null,
};

const LINE = /^([^\s;]+)((?:;[^\s;=]+=[^\s;]+)+) (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?) (\d{1,12})$/u;
const ZERO = /^([^\s;]+;\S+ 0) \d+\n?$/u;
const TAG = /;([^\s;=]+)=([^\s;]+)/gu;

/** carbon makes folders and files of nodes. */
function node(part: string): string {
  return shorten(part.replace(/[^-_a-zA-Z0-9]/gu, '_'), LONGEST_NODE, part);
}
