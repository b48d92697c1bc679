import { describe, expect, test } from 'vitest';
import { parseServerAddress } from '../../src/burrow/server-address.ts';

describe("given a server's URL", () => {
  test('when it is plain, then the origin is it, with no prefix and no credentials', () => {
    expect(parseServerAddress('http://burrow:8000')).toEqual({
      origin: 'http://burrow:8000',
      prefix: '',
      hostAndPort: 'burrow:8000',
      username: '',
      password: '',
    });
  });

  test.each([
    ['http://burrow', 'burrow:80'],
    ['https://burrow/', 'burrow:443'],
    ['http://[::1]:8000', '[::1]:8000'],
  ])('when it is %s, then host and port are %s', (url, hostAndPort) => {
    expect(parseServerAddress(url).hostAndPort).toBe(hostAndPort);
  });

  test.each([
    ['http://h/', ''],
    ['http://h/burrow', '/burrow'],
    ['http://h/team a/burrow//', '/team%20a/burrow'],
  ])('when it is %s, then its prefix is %j', (url, prefix) => {
    expect(parseServerAddress(url).prefix).toBe(prefix);
  });

  test('when it holds credentials, then they are decoded and stand nowhere else', () => {
    const address = parseServerAddress('http://al%40ice:p%3Ass%@h:1/x');
    expect(address).toEqual({
      origin: 'http://h:1',
      prefix: '/x',
      hostAndPort: 'h:1',
      username: 'al@ice',
      password: 'p%3Ass%',
    });
    expect(parseServerAddress('http://al%40ice:p%3Ass@h').password).toBe('p:ss');
  });

  test.each([
    'bob:hunter2@burrow:8000',
    'http://bob:hunter2@burrow:port',
    'ftp://bob:hunter2@h',
    'http://bob:hunter2@h/?a=1',
    'http://bob:hunter2@h/#a',
  ])('when it is %s, then the error says what to change and keeps the password', (url) => {
    let thrown: unknown;
    try {
      parseServerAddress(url);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect((thrown as Error).message).toMatch(/must|write it as/);
    expect((thrown as Error).message).not.toContain('hunter2');
    expect((thrown as Error).cause).toBeUndefined();
  });
});
