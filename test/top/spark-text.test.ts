import { describe, expect, test } from 'vitest';
import { heatText, sparkText } from '../../src/top/spark-text.ts';

const SIGNS = '_.-:=+*#';

describe('given the spark of a group', () => {
  test('when there was no lag in the hour, then it is a line of zeros', () => {
    expect(sparkText('A'.repeat(60), 10, SIGNS)).toBe('__________');
  });

  test('when nothing is known of the hour, then nothing is drawn', () => {
    expect(sparkText('', 10, SIGNS)).toBe(' '.repeat(10));
  });

  test('when the group is young, then the time before is blank', () => {
    expect(sparkText('A/', 60, SIGNS)).toBe(`${' '.repeat(58)}_#`);
  });

  test('when it is narrow, then each column shows the highest of its steps, and any lag is more than 0', () => {
    expect(sparkText(`${'A'.repeat(54)}A/A.AB`, 20, SIGNS)).toBe(`${'_'.repeat(18)}#.`);
    expect(sparkText('.'.repeat(60), 6, SIGNS)).toBe(' '.repeat(6));
  });

  test('when there is more room than steps, then a step is one column', () => {
    expect(sparkText('A'.repeat(60), 100, SIGNS)).toHaveLength(60);
    expect(sparkText('A'.repeat(60), 0, SIGNS)).toBe('');
  });
});

describe('given the lags of a partition', () => {
  test('when some steps are not known, then they are blank, and the highest lag of the group has the highest sign', () => {
    expect(heatText([0, null, 50, 100], 100, 60, SIGNS)).toBe(`${' '.repeat(56)}_ =#`);
    expect(heatText([0, null, 50, 100], 700, 60, SIGNS)).toBe(`${' '.repeat(56)}_ ..`);
    expect(heatText([0], 0, 60, SIGNS)).toBe(`${' '.repeat(59)}_`);
  });
});
