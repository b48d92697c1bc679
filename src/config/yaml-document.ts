import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

import type { Fault } from './fault.ts';
import { showOrigin, type Origin } from './origin.ts';
import type { SettingPath } from './setting/setting.ts';
import { emptyTree, isMap as isTree, toTree, type Tree } from './tree.ts';

/** A configuration file that could be parsed. */
export interface YamlDocument {
  readonly tree: Tree;
  /** Where a path, or the nearest map above it, is written; `notSet` where the file says nothing of it. */
  locate(path: SettingPath): Origin;
}

/** What the parser's codes mean to a user; its own messages may quote the text, and that may be a secret. */
const SYNTAX: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'this alias names no anchor that stands before it',
  BAD_DQ_ESCAPE:
    "a backslash in double quotes begins no known escape; use single quotes ('…') for regular expressions",
  BAD_INDENT: 'the indentation does not fit, or a bracket was not closed',
  BAD_SCALAR_START: 'a value may not begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a key and its value stand where only a value may; a colon inside a value needs quotes',
  DUPLICATE_KEY: 'this key stands twice in the same map; remove one of the two',
  MISSING_CHAR: 'a colon, comma, quote or bracket is missing',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing after the key',
  MULTIPLE_DOCS: 'only one document may be in the file; remove the --- line',
  NON_STRING_KEY: 'a key must be text; a value that begins with a bracket, such as [::1]:9092, needs quotes',
  TAB_AS_INDENT: 'tabs may not be used for indentation; use spaces',
  TAG_RESOLVE_FAILED: 'tags (!…) are not known here; remove it',
  UNEXPECTED_TOKEN:
    'this was not expected here; a value that begins with a bracket, such as [::1]:9092, needs quotes',
};

/** Parses a file; `name` is what faults call it. Never throws. */
export function parseYaml(text: string, name: string): YamlDocument | readonly Fault[] {
  try {
    return readDocument(text, name);
  } catch {
    // Not a syntax error: those are listed. The parser gives up on circles, on aliases that multiply, on deep nesting.
    const rule = 'Not readable as YAML: it is nested too deeply, or its aliases run in circles or multiply';
    return [{ path: '', rule, source: name }];
  }
}

function readDocument(text: string, name: string): YamlDocument | readonly Fault[] {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const origin = (offset: number): Origin & { kind: 'file' } => {
    const { line, col } = lines.linePos(offset);
    return { kind: 'file', file: name, line, column: col };
  };
  const faultAt = (offset: number, rule: string): Fault => {
    return { path: '', rule, source: showOrigin(origin(offset)) };
  };
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    return problems.map((problem) =>
      faultAt(problem.pos[0], `Not valid YAML: ${SYNTAX[problem.code] ?? `syntax error ${problem.code}`}`),
    );
  }
  const tree = toTree(document.toJS({ maxAliasCount: 100 }) as unknown) ?? emptyTree();
  if (!isTree(tree)) return [faultAt(0, 'The configuration file must be a map of keys and values')];
  return {
    tree,
    locate: (path) => {
      const offset = offsetOf(document, path);
      return offset === null ? { kind: 'notSet' } : origin(offset);
    },
  };
}

/** Where the key at `path`, or the nearest one above it that is written, begins; null where not even the first is. */
function offsetOf(document: Document, path: SettingPath): number | null {
  let node: unknown = document.contents;
  let offset: number | null = null;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
