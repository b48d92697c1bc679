import { useLayoutEffect } from 'preact/hooks';
import type { Tone, WorstState } from '../live/worst-state.ts';

/** Strong enough for the light and the dark tabs of browsers. */
const COLOURS: Readonly<Record<Tone, string>> = {
  ok: '#2f8a57',
  warn: '#d18a00',
  err: '#d02f25',
  odd: '#7d5cc0',
  none: '#7a8594',
};

/**
 * Shows the worst state in the title and the icon of the window. The icon is part of the page: it can change while the
 * sidecar does not answer.
 *
 * @param pageName blank: the overview
 */
export function useWindowSign({ words, tone }: WorstState, pageName: string): void {
  // With the page, not after it: both say the same at any moment.
  useLayoutEffect(() => {
    document.title = [words, pageName, 'burrow-rainbow'].filter((part) => part !== '').join(' · ');
  }, [words, pageName]);
  useLayoutEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon !== null) icon.href = `data:image/svg+xml,${encodeURIComponent(drawIcon(COLOURS[tone]))}`;
  }, [tone]);
}

/** The rainbow in white, on the colour of the state. */
function drawIcon(colour: string): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
    `<rect width="32" height="32" rx="7" fill="${colour}"/>` +
    '<path fill="none" stroke="#fff" stroke-width="3.500" stroke-linecap="round" ' +
    'd="M5.500 23a10.500 10.500 0 0 1 21 0M11.500 23a4.500 4.500 0 0 1 9 0"/></svg>'
  );
}
