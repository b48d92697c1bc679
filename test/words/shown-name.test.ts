import { describe, expect, test } from 'vitest';
import { isAltered, showName } from '../../src/words/shown-name.ts';

describe('given names that others chose', () => {
  test('when one is plain, then it is shown as it is', () => {
    expect(showName('orders-größe-日本-👍')).toBe('orders-größe-日本-👍');
    expect(isAltered('orders')).toBe(false);
  });

  test.each([
    ['a\u0000b\nc', 'a⟨0000⟩b⟨000A⟩c'],
    ['\u202eevil\u2069', '⟨202E⟩evil⟨2069⟩'],
    ['zero\u200bwidth\ufeff', 'zero⟨200B⟩width⟨FEFF⟩'],
    ['half \ud83d', 'half ⟨D83D⟩'],
  ])('when %j holds what cannot be seen, then it is spelled out', (name, shown) => {
    expect(showName(name)).toBe(shown);
    expect(isAltered(name)).toBe(true);
  });

  test('when one is ten thousand characters long, then its middle is left out', () => {
    const shown = showName(`begin${'x'.repeat(10_000)}end`, 40);
    expect(shown).toHaveLength(41);
    expect(shown).toMatch(/^begin.*…x+end$/);
  });
});
