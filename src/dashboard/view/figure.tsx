import type { ComponentChildren } from 'preact';
import { TERM_MEANINGS, TERMS, type Term } from '../../words/terms.ts';

export interface FigureProps {
  readonly words: string;
  /** What it means; it appears when the pointer is on it. */
  readonly hint?: string;
  readonly children: ComponentChildren;
  readonly tone?: 'warn' | 'err' | undefined;
}

/** One number of a page, with its name. */
export function Figure({ words, hint, children, tone }: FigureProps) {
  return (
    <div class={`figure ${tone === undefined ? '' : `figure-${tone}`}`} title={hint}>
      <dt class="capital">{words}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** One number of a page that has a name of {@link TERMS}. */
export function TermFigure({ term, ...rest }: Omit<FigureProps, 'words' | 'hint'> & { readonly term: Term }) {
  return <Figure words={TERMS[term]} hint={TERM_MEANINGS[term]} {...rest} />;
}
