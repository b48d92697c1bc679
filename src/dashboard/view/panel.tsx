import type { ComponentChildren } from 'preact';

/** A part of a page under a heading of its own. */
export function Panel({
  heading,
  note,
  class: classes = '',
  children,
}: {
  readonly heading: string;
  /** Beside the heading, in a few quiet words. */
  readonly note?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class={`panel ${classes}`.trimEnd()}>
      <header>
        <h2>{heading}</h2>
        {note !== undefined && <span class="quiet">{note}</span>}
      </header>
      {children}
    </section>
  );
}
