import { describe, expect, test } from 'vitest';
import { createFrameWriter } from '../../src/top/frame-writer.ts';

const SIZE = { columns: 20, rows: 3 };

describe('given frames', () => {
  test('when the first is drawn, then every line is written', () => {
    const text = createFrameWriter().draw(['a', 'b'], SIZE);
    expect(text).toBe('\u001b[1;1H\u001b[Ka\u001b[2;1H\u001b[Kb\u001b[3;1H\u001b[K');
  });

  test('when one line changes, then only that line is written; without a change nothing is', () => {
    const frames = createFrameWriter();
    frames.draw(['a', 'b', 'c'], SIZE);
    expect(frames.draw(['a', 'x', 'c'], SIZE)).toBe('\u001b[2;1H\u001b[Kx');
    expect(frames.draw(['a', 'x', 'c'], SIZE)).toBe('');
    expect(frames.draw(['a', 'x'], SIZE)).toBe('\u001b[3;1H\u001b[K');
  });

  test('when the size changes or the screen is unknown, then every line is written', () => {
    const frames = createFrameWriter();
    frames.draw(['a'], SIZE);
    expect(frames.draw(['a'], { columns: 30, rows: 1 })).toBe('\u001b[1;1H\u001b[Ka');
    frames.forget();
    expect(frames.draw(['a'], { columns: 30, rows: 1 })).toBe('\u001b[1;1H\u001b[Ka');
  });

  test('when there are more lines than rows, then the rest is left out', () => {
    expect(createFrameWriter().draw(['a', 'b'], { columns: 20, rows: 1 })).toBe('\u001b[1;1H\u001b[Ka');
  });
});
