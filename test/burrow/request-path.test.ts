import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAddressable, requestPath } from '../../src/burrow/request-path.ts';

describe('given names for a path', () => {
  test('when a name is ordinary, then it stands as it is', () => {
    expect(requestPath('', ['v3', 'kafka', 'prod', 'consumer', 'my-group_1.a'])).toBe(
      '/v3/kafka/prod/consumer/my-group_1.a',
    );
  });

  test('when there is a prefix, then the path begins with it', () => {
    expect(requestPath('/team%20a/burrow', ['v3', 'kafka'])).toBe('/team%20a/burrow/v3/kafka');
  });

  test('when a name is . or .., then its dots are encoded', () => {
    expect(requestPath('', ['.', '..', '...'])).toBe('/%2E/%2E%2E/...');
  });

  test('when a name is encoded already, then it is encoded once more, not taken as it is', () => {
    expect(requestPath('', ['50%', '%2F'])).toBe('/50%25/%252F');
  });

  test.each(['/', 'a/b', 'a/lag', '/a', '', '\ud800', 'a\udc00b', 'x'.repeat(10_241)])(
    'when a name is %j, then it has no path',
    (name) => {
      expect(isAddressable(name)).toBe(false);
      expect(requestPath('', ['v3', name])).toBeNull();
    },
  );

  test.each(['.', '..', '%2F', 'a b', 'ü', '\u0000\n', '__proto__', '?', '#', 'x'.repeat(10_240)])(
    'when a name is %j, then it can be asked for',
    (name) => {
      expect(isAddressable(name)).toBe(true);
    },
  );

  test('when a name is any other, then decoding the one segment gives it back, and HTTP can carry it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        fc.pre(!name.includes('/'));
        const path = requestPath('', [name])!;
        expect(path).toMatch(/^\/[!'()*\-.\w~%]+$/);
        expect(decodeURIComponent(path.slice(1))).toBe(name);
        expect(path).not.toMatch(/^\/\.{1,2}$/);
      }),
    );
  });
});
