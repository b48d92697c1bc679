import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { movedTo, parseRoute, type Route } from './route.ts';

/** Where the reader is. */
export interface Whereabouts {
  readonly route: ReadonlySignal<Route>;
  /** The overview as the reader left it: searched, filtered and sorted. */
  readonly overviewHref: ReadonlySignal<string>;
}

/** Follows the reader from page to page. */
export function watchRoute(): Whereabouts {
  const route = signal(parseRoute(location.hash));
  const overviewHref = signal('#/');
  const look = (): void => {
    const moved = movedTo(location.hash);
    if (moved !== null) {
      // The browser's own event follows.
      location.replace(moved);
      return;
    }
    batch(() => {
      route.value = parseRoute(location.hash);
      if (route.value.page === 'overview') overviewHref.value = location.hash === '' ? '#/' : location.hash;
    });
  };
  look();
  window.addEventListener('hashchange', look);
  return { route, overviewHref };
}

/**
 * Replaces the address without a new entry in the history. The route changes at once and does not wait for the browser's
 * own event: a page that is drawn before that event would bring back the former search while the reader types.
 */
export function replaceAddress(href: string): void {
  location.replace(href);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
