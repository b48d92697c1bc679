import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { readText, writeText } from './pages.ts';
import { importsOfSource, type Imports } from './rooms.ts';

/** Put a process together or start it. They may import everything, and the picture leaves their arrows out. */
const OUTERMOST = ['cli.ts', 'supervisor.ts', 'commands', 'sidecar'];

/** The linter's rules of the form `room-imports`: which folders a room may import from, itself included. */
const { forbidden } = createRequire(import.meta.url)('../lint/imports.cjs') as {
  readonly forbidden: readonly {
    readonly name: string;
    readonly to: { readonly pathNot?: string | readonly string[] };
  }[];
};

function importsOfRules(): Imports {
  const imports = new Map<string, ReadonlySet<string>>();
  for (const { name, to } of forbidden) {
    const room = /^(\w+)-imports$/.exec(name)?.[1];
    if (room === undefined) continue;
    const allowed = [to.pathNot ?? []].flat().map((path) => /^\^src\/(\w+)/.exec(path)?.[1] ?? '');
    imports.set(room, new Set(allowed.filter((other) => other !== room)));
  }
  return imports;
}

function inner(imports: Imports): object {
  return Object.fromEntries(
    [...imports]
      .filter(([room]) => !OUTERMOST.includes(room))
      .map(([room, others]): [string, readonly string[]] => [room, [...others].sort()])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** The document with the last column of its table of rooms written anew; a room without a row is missed. */
function withImports(markdown: string, imports: Imports): string {
  const missing = new Set(imports.keys());
  const lines = markdown.split('\n').map((line) => {
    const [, start = '', room = ''] = /^(\| `([\w.]+)\/?`.*\|)[^|]*\|$/.exec(line) ?? [];
    const others = imports.get(room);
    if (others === undefined) return line;
    missing.delete(room);
    return `${start} ${[...others].sort().join(', ')} |`;
  });
  expect([...missing], 'rooms without a row').toEqual([]);
  return lines.join('\n');
}

/** The document with the arrows of its picture written anew. */
function withPicture(markdown: string, imports: Imports): string {
  const arrows = [...imports]
    .filter(([room, others]) => !OUTERMOST.includes(room) && others.size > 0)
    .map(([room, others]) => `  ${room} --> ${[...others].sort().join(' & ')}\n`)
    .sort();
  return markdown.replace(
    /(## Imports\n[\s\S]*?```mermaid\nflowchart \w+\n)[\s\S]*?```/,
    (_, before: string) => `${before}${arrows.join('')}\`\`\``,
  );
}

describe('given the rooms of src and what they import', () => {
  const source = importsOfSource();

  // `UPDATE_DOCS=1 npm test -- --project unit test/docs` writes table and picture anew.
  test('when the page is read, then its table and its picture show these imports', async () => {
    const path = 'docs/architecture.md';
    const text = readText(path);
    const style = (await resolveConfig(fileURLToPath(import.meta.url))) ?? {};
    const written = withPicture(withImports(text, source), source);
    const wanted = await format(written, { ...style, parser: 'markdown' });
    if (process.env['UPDATE_DOCS'] === '1') writeText(path, wanted);
    else expect(text).toBe(wanted);
  });

  test('when the rules of the linter are read, then they allow these imports and no others', () => {
    expect(inner(importsOfRules())).toEqual(inner(source));
  });
});
