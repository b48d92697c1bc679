import type { ComponentChildren } from 'preact';

/** One number of a page, with its name. */
export function Figure({
  words,
  children,
  tone,
}: {
  readonly words: string;
  readonly children: ComponentChildren;
  readonly tone?: 'warn' | 'err' | undefined;
}) {
  return (
    <div class={`figure ${tone === undefined ? '' : `figure-${tone}`}`}>
      <dt>{words}</dt>
      <dd>{children}</dd>
    </div>
  );
}
