import { describe, expect, test } from 'vitest';
import { readLine } from '../../src/tail/tail-record.ts';
import { createZeroBounds } from '../../src/tail/zero-bounds.ts';

const KEY = 'c/g';
const PARTITION = 'source="h" env="c" consumer="g" topic="t" partition="2" owner="o"';
const GROUP = 'source="h" env="c" consumer="g"';

/** `Lag 5 100`: name, value and time of a record of one partition, or of the group. */
function record(text: string) {
  const [metric = '', value = '', seconds = ''] = text.split(' ');
  const isOfGroup = /^(status|totalLag|maxLag)/.test(metric);
  const name = isOfGroup ? `burrow.c.g.${metric}` : `burrow.c.g.t.2.${metric}`;
  const tags = metric.startsWith('maxLag') ? `${GROUP} topic="t"` : isOfGroup ? GROUP : PARTITION;
  const [found] = readLine(`${name} ${value} ${seconds} ${tags}`, KEY);
  if (found === undefined) throw new Error(`no record: ${text}`);
  return found;
}

/** What each record is, of several readings one after the other. */
function marked(...readings: readonly (readonly string[])[]) {
  const bounds = createZeroBounds();
  return readings.map((texts) => bounds.mark(texts.map(record)));
}

describe('given a series that is 0 at its ends alone', () => {
  test.each(['Lag', 'status'])('when all of %s is read, then each 0 is a begin or an end', (metric) => {
    const of = (...pairs: readonly string[]): string[] => pairs.map((pair) => `${metric} ${pair}`);
    expect(marked(of('0 100', '3 130'), of('2 160'), of('0 190'), of('0 220', '1 250', '0 280'))).toEqual([
      ['begin', null],
      [null],
      ['end'],
      ['begin', null, 'end'],
    ]);
  });

  test('when a value was read before, then the next 0 is an end, and the one after it a begin', () => {
    expect(marked(['Lag 7 100'], ['Lag 0 130'], ['Lag 0 160'])).toEqual([[null], ['end'], ['begin']]);
  });

  test('when nothing of it was read before and no value comes with the 0, then it may be either', () => {
    expect(marked(['Lag 0 100'])).toEqual([['bound']]);
    expect(marked(['Lag 0 100', 'Lag 0 130', 'Lag 4 160'])).toEqual([['bound', 'begin', null]]);
  });

  test('when it may have been either, then what follows tells what the next one is', () => {
    expect(marked(['Lag 0 100'], ['Lag 0 130'])).toEqual([['bound'], ['begin']]);
    expect(marked(['Lag 0 100'], ['Lag 4 130'], ['Lag 0 160'])).toEqual([['bound'], [null], ['end']]);
  });

  test('when another series has the same name and other tags, then it is followed by itself', () => {
    const bounds = createZeroBounds();
    const moved = readLine(
      'burrow.c.g.t.2.Lag 0 130 source="h" env="c" consumer="g" topic="t" partition="2" owner="p"',
      KEY,
    );
    expect(bounds.mark([record('Lag 5 100'), ...moved])).toEqual([null, 'bound']);
  });
});

describe('given a series that may be 0 in between', () => {
  test('when the lag that it rides on begins or ends at that moment, then so does it', () => {
    const begins = [
      'Lag 0 100',
      'startOffset 0 100',
      'lagSeconds 0 100',
      'Lag 3 130',
      'startOffset 0 130',
      'lagSeconds 0 130',
    ];
    expect(marked(begins, ['Lag 0 160', 'startOffset 0 160', 'lagSeconds 0 160'])).toEqual([
      ['begin', 'begin', 'begin', null, null, null],
      ['end', 'end', 'end'],
    ]);
  });

  test('when the lag begins and ends among what is read at once, then so does what rides on it', () => {
    const all = [
      'Lag 0 100',
      'Lag 3 130',
      'startOffset 0 100',
      'startOffset 8 130',
      'Lag 0 160',
      'startOffset 0 160',
    ];
    expect(marked(all)).toEqual([['begin', null, 'begin', null, 'end', 'end']]);
    expect(marked(all.slice(0, 2), all.slice(2, 4))).toEqual([
      ['begin', null],
      ['begin', null],
    ]);
  });

  test('when the group itself begins or ends, then so do its sums, and no 0 in between is a bound', () => {
    expect(
      marked(
        ['totalLag 0 100', 'totalLag 0 130', 'status 0 100', 'status 1 130', 'maxLagCurrentLag 0 100'],
        ['totalLag 0 160', 'maxLagCurrentLag 0 160'],
        ['totalLag 0 190', 'status 0 190', 'maxLagCurrentLag 0 190'],
      ),
    ).toEqual([
      ['begin', null, 'begin', null, 'begin'],
      [null, null],
      ['end', 'end', 'end'],
    ]);
  });
});

describe('given a status of which nothing was read before', () => {
  test('when a lag of the group was, then the group was there, and the 0 is its end', () => {
    expect(marked(['totalLag 5 100'], ['totalLag 0 130', 'status 0 130'])).toEqual([[null], ['end', 'end']]);
  });

  test('when the lag came with the same sample, then the 0 is its begin', () => {
    const sample = ['totalLag 0 100', 'totalLag 5 130', 'status 0 100', 'status 1 130'];
    expect(marked(sample)).toEqual([['begin', null, 'begin', null]]);
    expect(marked(sample.slice(0, 2), sample.slice(2))).toEqual([
      [null, null],
      ['begin', null],
    ]);
  });
});

describe('given more series than are remembered', () => {
  test('when an early one ends, then its 0 may be either, and nothing grows without a bound', () => {
    const bounds = createZeroBounds();
    bounds.mark([record('Lag 5 100')]);
    for (let partition = 0; partition < 100_000; partition += 1) {
      bounds.mark(
        readLine(`burrow.c.g.t.${partition}.Lag 5 100 source="h" partition="${partition}" topic="x"`, KEY),
      );
    }
    expect(bounds.mark([record('Lag 0 130')])).toEqual(['bound']);
  });
});
