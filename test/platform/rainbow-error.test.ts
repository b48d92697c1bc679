import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, hasCode, RainbowError } from '../../src/platform/rainbow-error.ts';

describe('given an error with a code', () => {
  test('when its thrower knows a remedy, then the message ends with it', () => {
    const cause = new Error('why');
    const error = new RainbowError('HTTP_LISTEN', 'cannot listen', { remedy: 'free the port', cause });
    expect(error).toMatchObject({
      name: 'RainbowError',
      code: 'HTTP_LISTEN',
      message: 'cannot listen: free the port',
      remedy: 'free the port',
      cause,
    });
  });

  test('when its thrower knows none, then it has the one of its code, and the message stays short', () => {
    const error = new RainbowError('HTTP_LISTEN', 'cannot listen');
    expect(error.message).toBe('cannot listen');
    expect(error.remedy).toBe(ERROR_CODES.HTTP_LISTEN.remedy);
    expect('cause' in error).toBe(false);
  });

  test('when a caller asks for its code, then that is told from others and from foreign errors', () => {
    const error = new RainbowError('API_UNKNOWN_GROUP', 'gone');
    expect(hasCode(error, 'API_FAILED', 'API_UNKNOWN_GROUP')).toBe(true);
    expect(hasCode(error, 'API_FAILED')).toBe(false);
    expect(
      hasCode(Object.assign(new Error('gone'), { code: 'API_UNKNOWN_GROUP' }), 'API_UNKNOWN_GROUP'),
    ).toBe(false);
  });
});

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(`src/${file}`, 'utf8') }));

describe('given the table of error codes', () => {
  const users = sources.filter(({ file }) => file !== 'platform/rainbow-error.ts');

  test.each(Object.keys(ERROR_CODES))('when %s is listed, then something throws it', (code) => {
    expect(users.some(({ text }) => text.includes(`'${code}'`))).toBe(true);
  });
});

describe('given the classes of errors', () => {
  test('when one is declared, then it has a code, but for two that no user and no caller of a room meets', () => {
    const bare = sources.filter(({ text }) => /\bextends Error\b(?! =)/.test(text)).map(({ file }) => file);
    expect(bare.sort()).toEqual([
      // Thrown and caught within the scanner.
      'burrow/fast/answer-bytes.ts',
      // Of the page in the browser, which has none of the server's code.
      'dashboard/live/api-client.ts',
      'platform/rainbow-error.ts',
    ]);
  });
});
