/** One line of a Prometheus exposition. */
export interface ExposedSeries {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/;
const SERIES = new RegExp(
  `^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{((?:${LABEL.source})(?:,${LABEL.source})*)?,?\\})? (\\S+)$`,
);
/** A number as Go reads it, which does not mind how NaN is written. */
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|[Nn]a[Nn])$/;

/**
 * Reads a whole exposition in the text format 0.0.4, strictly: HELP and TYPE before the first line of a family, no
 * family in two places, no series twice. Throws on anything else.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function readExposition(text: string): ExposedSeries[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const typed = new Map<string, string>();
  const closed = new Set<string>();
  const seen = new Set<string>();
  let current = '';
  const all: ExposedSeries[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment !== null) {
      const [, kind, family = '', rest = ''] = comment;
      if (family !== current) {
        if (closed.has(family)) throw new Error(`${family} is in two places`);
        closed.add(current);
        current = family;
      }
      if (kind === 'TYPE') {
        if (typed.has(family)) throw new Error(`${family} has two types`);
        typed.set(family, rest);
      }
      continue;
    }
    const series = readSeries(line);
    if (familyOf(series.name, typed) !== current) throw new Error(`not in its family: ${line}`);
    const identity = JSON.stringify([series.name, [...series.labels].sort()]);
    if (seen.has(identity)) throw new Error(`there twice: ${line}`);
    seen.add(identity);
    all.push(series);
  }
  return all;
}

function readSeries(line: string): ExposedSeries {
  const match = SERIES.exec(line);
  const value = match?.at(-1) ?? '';
  if (match === null || !VALUE.test(value)) throw new Error(`no series: ${line.slice(0, 300)}`);
  const labels = new Map<string, string>();
  for (const [, key = '', escaped = ''] of (match[2] ?? '').matchAll(new RegExp(LABEL, 'g'))) {
    if (labels.has(key)) throw new Error(`the label ${key} is there twice: ${line}`);
    labels.set(
      key,
      escaped.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)),
    );
  }
  return { name: match[1] ?? '', labels, value: Number(value.replace('Inf', 'Infinity')) };
}

/** A histogram's or summary's lines carry a suffix. */
function familyOf(name: string, typed: ReadonlyMap<string, string>): string {
  if (typed.has(name)) return name;
  const base = name.replace(/_(?:bucket|sum|count)$/, '');
  return ['histogram', 'summary'].includes(typed.get(base) ?? '') ? base : name;
}
