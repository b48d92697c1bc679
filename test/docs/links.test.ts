import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { danglingLinksOf, headingsOf, linksOf, type Link } from './markdown.ts';
import { pages, readText, REPOSITORY } from './pages.ts';

const HOSTS_WITHOUT_TLS = ['localhost', '127.0.0.1'];

/** What is wrong with a link of the page at `path`; null: nothing. */
function faultOf(path: string, { target }: Link): string | null {
  if (/^[a-z]+:/.test(target)) return addressFault(target);
  const [file = '', anchor] = target.split('#');
  const found = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file));
  if (found.startsWith('..')) return 'leads out of the repository';
  if (!existsSync(posix.join(REPOSITORY, found))) return 'no such file';
  if (anchor === undefined) return null;
  if (!found.endsWith('.md')) return 'an anchor in what is no page';
  return headingsOf(readText(found)).some((heading) => heading.anchor === anchor) ? null : 'no such heading';
}

/** Of addresses elsewhere only the shape is looked at. */
function addressFault(address: string): string | null {
  if (!URL.canParse(address)) return 'no address';
  const { protocol, hostname, username } = new URL(address);
  if (username !== '') return 'names a user';
  if (protocol === 'https:') return null;
  return protocol === 'http:' && HOSTS_WITHOUT_TLS.includes(hostname) ? null : `${protocol} to ${hostname}`;
}

function faultsOf(path: string, markdown: string): readonly string[] {
  const dangling = danglingLinksOf(markdown).map(
    ({ line, target }) => `${path}:${line} [${target}]: no such name`,
  );
  const broken = linksOf(markdown).flatMap((link) => {
    const fault = faultOf(path, link);
    return fault === null ? [] : [`${path}:${link.line} ${link.target}: ${fault}`];
  });
  return [...dangling, ...broken];
}

describe('given the pages of the repository', () => {
  test.each(pages())('when the links of %s are followed, then each leads to a file or a heading', (path) => {
    expect(faultsOf(path, readText(path))).toEqual([]);
  });

  test('when each page of docs is looked for, then the README or another page leads to it', () => {
    const reached = pages().flatMap((path) =>
      linksOf(readText(path)).map(({ target }) =>
        posix.join(posix.dirname(path), target.split('#')[0] ?? ''),
      ),
    );
    const unreached = pages().filter((path) => path.startsWith('docs/') && !reached.includes(path));
    expect(unreached).toEqual([]);
  });
});

describe('given a page with links that lead nowhere', () => {
  test.each([
    ['[a](missing.md)', 'no such file'],
    ['[a](../../elsewhere.md)', 'leads out of the repository'],
    ['[a](#nowhere)', 'no such heading'],
    ['[a](architecture.md#nowhere)', 'no such heading'],
    ['![a](images/missing.png)', 'no such file'],
    ['<img src="images/missing.png">', 'no such file'],
    ['[a](../package.json#scripts)', 'an anchor in what is no page'],
    ['[a][missing]', 'no such name'],
    ['| [missing] |', 'no such name'],
    ['[a][b]\n\n[b]: missing.md', 'no such file'],
    ['[a](http://example.com/)', 'http: to example.com'],
    ['[a](https://me@example.com/)', 'names a user'],
  ])('when %s is followed, then the test says: %s', (markdown, fault) => {
    expect(faultsOf('docs/metrics.md', markdown)).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    '`[a](missing.md)`',
    '```\n[a](missing.md)\n```',
    '[a](https://example.com/)',
    '[a][B] and [b]\n\n[b]: architecture.md',
    '`[a]` and `[a][b]`',
    '[a](architecture.md#rooms)',
  ])('when %j is looked at, then there is nothing to say', (markdown) => {
    expect(faultsOf('docs/metrics.md', markdown)).toEqual([]);
  });
});
