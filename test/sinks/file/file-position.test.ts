import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFilePosition } from '../../../src/sinks/file/file-position.ts';
import { sampleOf } from '../../outbox/sample-of.ts';

const samples = [sampleOf('c/g', ['one', 'two']), sampleOf('c/g', ['three'])];
const all = 'one\ntwo\nthree\n';

function text(buffers: readonly Buffer[]): string {
  return Buffer.concat(buffers).toString();
}

describe('given a write that is cut short', () => {
  test('when it goes on in the same file, then each byte is written once and each sample completes once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 20 }), (sizes) => {
        const position = createFilePosition(samples);
        let written = '';
        const complete: unknown[] = [];
        for (const size of [...sizes, Infinity]) {
          position.continueIn('file 1');
          const taken = text(position.next()).slice(0, size);
          written += taken;
          complete.push(...position.advance(taken.length));
        }
        expect(written).toBe(all);
        expect(complete).toEqual(samples);
        expect(position.atEnd()).toBe(true);
      }),
    );
  });

  test('when the file is another one meanwhile, then the half-written line begins again, and only that', () => {
    const position = createFilePosition(samples);
    position.continueIn('file 1');
    expect(position.advance('one\ntw'.length)).toEqual([]);
    position.continueIn('file 2');
    expect(text(position.next())).toBe('two\nthree\n');
  });

  test('when the file is another one between two lines, then nothing is written again', () => {
    const position = createFilePosition(samples);
    position.continueIn('file 1');
    expect(position.atEnd()).toBe(false);
    expect(position.advance('one\n'.length)).toEqual([]);
    position.continueIn('file 2');
    expect(text(position.next())).toBe('two\nthree\n');
    expect(position.advance('two\nthree\n'.length)).toEqual(samples);
    position.continueIn('file 3');
    expect([position.atEnd(), position.next()]).toEqual([true, []]);
  });
});
