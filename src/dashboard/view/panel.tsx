import type { ComponentChildren } from 'preact';

/** A part of a page with its own heading. */
export function Panel({
  heading,
  note,
  aside,
  class: classes = '',
  children,
}: {
  readonly heading: string;
  /** A few words beside the heading. */
  readonly note?: ComponentChildren;
  /** The same at the right end. */
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class={`panel ${classes}`.trimEnd()}>
      <header>
        <h2>{heading}</h2>
        {note !== undefined && <span class="quiet">{note}</span>}
        {aside !== undefined && <span class="quiet panel-end">{aside}</span>}
      </header>
      {children}
    </section>
  );
}
