import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { parseRoute, type Route } from './route.ts';

/** Where the reader is. */
export interface Whereabouts {
  readonly route: ReadonlySignal<Route>;
  /** The overview as they left it: searched, filtered and sorted. */
  readonly overviewHref: ReadonlySignal<string>;
}

/** Follows the reader from page to page. */
export function watchRoute(): Whereabouts {
  const route = signal(parseRoute(location.hash));
  const overviewHref = signal('#/');
  const look = (): void => {
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
 * Goes to another address without a step back to this one. The route follows at once, not only with the browser's own
 * event: what is drawn before that comes would put the former search back under the hands of who is typing.
 */
export function replaceAddress(href: string): void {
  location.replace(href);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
