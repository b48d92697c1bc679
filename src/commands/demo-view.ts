import { Transform } from 'node:stream';
import { styleText } from 'node:util';
import { formatTime } from '../words/clock.ts';

const COLOURS = { lag: 'yellow', consumer: 'cyan', producer: 'magenta', traffic: 'blue' } as const;

const NAME_COLUMNS = 64;
const LEAST_NAME_COLUMNS = 20;
const FAMILY_COLUMNS = 8;
const VALUE_COLUMNS = 12;
/** The bar, and where a series begins and ends. */
const MARK_COLUMNS = 11;
/** One block a power of ten, so that a lag of ten and one of a million are both seen. */
const BAR = '▏▎▍▌▋▊▉█';

/** Those that live as long as their group and may be 0 in between. */
const LIFETIME = /\.(totalLag|status|maxLag\w+)$/u;

/**
 * Makes Wavefront lines pleasant on a terminal: one row a record with its time, its name in its family's colour,
 * its value, a bar, and where a series begins and ends. Each write must be whole lines.
 *
 * @param columns the terminal's width now
 */
export function createDemoView(columns: () => number): Transform {
  /** Series that are open, by name and tags. */
  const open = new Set<string>();

  function row(_line: string, name: string, value: string, seconds: string, tags: string): string {
    const series = `${name} ${tags}`;
    const mark = markOf(series, name, value);
    const family = familyOf(name, tags);
    const isZero = value === '0';
    const time = timeOf(seconds);
    const room = columns() - time.length - FAMILY_COLUMNS - VALUE_COLUMNS - MARK_COLUMNS - 4;
    const nameColumns = Math.max(LEAST_NAME_COLUMNS, Math.min(NAME_COLUMNS, room));
    const shownName =
      name.length > nameColumns ? `…${name.slice(1 - nameColumns)}` : name.padEnd(nameColumns);
    const owner = /owner="([^"]*)"/u.exec(tags)?.[1] ?? '';
    const fixed = `${time} ${family.padEnd(FAMILY_COLUMNS)} ${shownName} ${value.padStart(VALUE_COLUMNS)}`;
    const spare = columns() - fixed.length - 1;
    const rest = `${isZero ? ' ' : barOf(Number(value))} ${mark.padEnd(8)} ${owner}`.slice(
      0,
      Math.max(0, spare),
    );
    const colour = COLOURS[family];
    return [
      paint('dim', time),
      paint(colour, `${family.padEnd(FAMILY_COLUMNS)} ${shownName}`),
      paint(isZero ? 'green' : 'bold', value.padStart(VALUE_COLUMNS)),
      paint(colour, rest),
    ].join(' ');
  }

  function markOf(series: string, name: string, value: string): string {
    if (!open.has(series)) {
      open.add(series);
      return value === '0' ? '╭ begins' : '';
    }
    if (value !== '0' || LIFETIME.test(name)) return '';
    open.delete(series);
    return '╰ ends';
  }

  return new Transform({
    decodeStrings: false,
    transform(chunk: Buffer | string, _encoding, done) {
      done(null, chunk.toString().replace(/^(\S+) (\S+) (\d+) (.*)$/gmu, row));
    },
  });
}

function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { validateStream: false });
}

function timeOf(seconds: string): string {
  return formatTime(Number(seconds) * 1000);
}

function barOf(value: number): string {
  return BAR[Math.min(BAR.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)))))] ?? '';
}

/** By the tags that a family has and the words of its names. */
function familyOf(name: string, tags: string): keyof typeof COLOURS {
  if (!tags.includes(' consumer=')) return tags.includes(' topic=') ? 'producer' : 'traffic';
  return name.includes('.hosts.') ? 'consumer' : 'lag';
}
