import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clipText, fitText, showText, widthOf } from '../../src/top/shown-text.ts';

describe('given a name that others chose', () => {
  test.each([
    ['moves the cursor', 'a\u001b[2;2Hb', 'a_[2;2Hb'],
    ['breaks the line', 'a\r\nb\u2028c', 'a__b_c'],
    ['turns text around', 'a\u202eb', 'a_b'],
    ['cannot be seen', 'a\u200b\u00adb\u{e0041}', 'a__b_'],
    ['is half a character', 'a\ud800b', 'a_b'],
    ['has marks without end', `a${'\u0301'.repeat(500)}b`, 'a\u0301\u0301\u0301b'],
    ['is only wide', '日本語', '日本語'],
  ])('when it %s, then the terminal gets nothing that it would obey', (_, name, shown) => {
    expect(showText(name, true)).toBe(shown);
  });

  test('when the terminal knows only ASCII, then it gets only ASCII', () => {
    expect(showText('größe-日本', false)).toBe('gr__e-__');
  });

  test('when it is any text, then it is exactly as wide as its column', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.nat({ max: 60 }),
        fc.boolean(),
        (name, width, isUnicode) => {
          const shown = showText(name, isUnicode);
          expect(shown).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}/u);
          if (!isUnicode) expect(shown).toMatch(/^[\x20-\x7e]*$/);
          expect(widthOf(fitText(shown, width, '~'))).toBe(width);
          expect(widthOf(clipText(shown, width + 1, '~'))).toBeLessThanOrEqual(width + 1);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('given a column', () => {
  test.each([
    ['short', 8, 'short   '],
    ['orders-email-sender-2', 11, 'order~der-2'],
    ['日本語テスト', 7, '日~ト'],
    ['日本', 4, '日本'],
    ['abc', 1, '~'],
    ['abc', 0, ''],
  ])('when %s has to fit into %i columns, then it is "%s"', (text, width, shown) => {
    expect(fitText(text, width, '~').trimEnd()).toBe(shown.trimEnd());
    expect(widthOf(fitText(text, width, '~'))).toBe(width);
  });

  test.each([
    ['a', 1],
    ['日', 2],
    ['e\u0301', 1],
    ['👍', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
  ])('when it holds %s, then that takes %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});
