import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';

/** Writes a TypeScript module without its types into a temporary folder, for a Node with nothing else loaded. */
export function stripTypes(module: URL): string {
  const { outputText } = ts.transpileModule(readFileSync(module, 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  const file = join(mkdtempSync(join(tmpdir(), 'rainbow-bench-')), `${basename(module.pathname, '.ts')}.mjs`);
  writeFileSync(file, outputText);
  return file;
}
