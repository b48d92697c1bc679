/** What stands in a page besides its prose. Line numbers begin at 1. */
export interface Fence {
  readonly info: string;
  readonly code: string;
  readonly line: number;
}

export interface Heading {
  readonly depth: number;
  readonly text: string;
  /** As GitHub makes it: what a link after `#` names. */
  readonly anchor: string;
}

export interface Link {
  readonly target: string;
  readonly line: number;
}

/** Code within fences. */
export function fencesOf(markdown: string): readonly Fence[] {
  const fences: Fence[] = [];
  let open: { readonly info: string; readonly line: number; readonly code: string[] } | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    const info = /^ *```(.*)$/.exec(line)?.[1];
    if (info === undefined) open?.code.push(line);
    else if (open === null) open = { info: info.trim(), line: index + 1, code: [] };
    else {
      fences.push({ info: open.info, line: open.line, code: open.code.join('\n') });
      open = null;
    }
  }
  return fences;
}

/** The page with its code left out, so that nothing in it is taken for a heading or a link. Lines stay where they are. */
function proseOf(markdown: string): string {
  let isCode = false;
  return markdown
    .split('\n')
    .map((line) => {
      const isFence = /^ *```/.test(line);
      if (isFence) isCode = !isCode;
      return isFence || isCode ? '' : line;
    })
    .join('\n');
}

export function headingsOf(markdown: string): readonly Heading[] {
  const counts = new Map<string, number>();
  return [...proseOf(markdown).matchAll(/^(#{1,6}) +(.*?)(?: +#+)?$/gm)].map(([, marks = '', text = '']) => {
    const slug = slugOf(text);
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return { depth: marks.length, text, anchor: count === 0 ? slug : `${slug}-${count}` };
  });
}

/** GitHub's rule: lower case, spaces become hyphens, and of the rest letters, digits, `-` and `_` stay. */
function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** Links of the form `[text][name]` or `[name]` whose `[name]: target` is missing. */
export function danglingLinksOf(markdown: string): readonly Link[] {
  const lines = proseOf(markdown)
    .split('\n')
    .map((text) => text.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length)));
  const defined = new Set(lines.flatMap((text) => /^\[([^\]]+)\]:/.exec(text)?.[1]?.toLowerCase() ?? []));
  return lines.flatMap((text, index) => {
    const names = [
      ...text.matchAll(/\]\[([^\]]+)\]/g),
      ...text.matchAll(/(?<!\])\[([^\]]*[^\]\s][^\]]*)\](?![[(:])/g),
    ];
    return names.flatMap(([, name = '']) =>
      defined.has(name.toLowerCase()) ? [] : [{ target: name, line: index + 1 }],
    );
  });
}

/** Links and images, in Markdown's own form and as HTML. Links within code are none. */
export function linksOf(markdown: string): readonly Link[] {
  return proseOf(markdown)
    .split('\n')
    .flatMap((text, index) => {
      const prose = text.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length));
      const found = [
        ...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g),
        ...prose.matchAll(/<(https?:[^>\s]+)>/g),
        ...prose.matchAll(/^\[[^\]]+\]:\s+(\S+)/g),
        ...prose.matchAll(/\b(?:href|src)="([^"]+)"/g),
      ];
      return found.map(([, target = '']) => ({ target, line: index + 1 }));
    });
}
