/** A page, as the fragment of the address names it. */
export type Route =
  | { readonly page: 'overview'; readonly query: URLSearchParams }
  | { readonly page: 'group'; readonly cluster: string; readonly group: string }
  | { readonly page: 'traffic' }
  | {
      readonly page: 'internals';
      /** Whose series are shown; null: those of no group. */
      readonly group: { readonly cluster: string; readonly group: string } | null;
    };

/** `#/groups/{cluster}/{group}` */
export function groupHref(cluster: string, group: string): string {
  return `#/groups/${urlSegment(cluster)}/${urlSegment(group)}`;
}

/** `#/internals/{cluster}/{group}` */
export function internalsHref(cluster: string, group: string): string {
  return `#/internals/${urlSegment(cluster)}/${urlSegment(group)}`;
}

/** Where a page is now that had another address; null: the address is good. */
export function movedTo(fragment: string): string | null {
  return /^#?\/?machine$/.test(fragment) ? '#/internals' : null;
}

/** Any other fragment is the overview. */
export function parseRoute(fragment: string): Route {
  const [path = '', query = ''] = fragment.replace(/^#?\/?/, '').split('?', 2);
  const [page, ...names] = path.split('/');
  if (page === 'traffic') return { page };
  const [cluster, group] = names.length === 2 ? names.map(decode) : [];
  const isNamed = cluster !== undefined && group !== undefined;
  if (page === 'internals') return { page, group: isNamed ? { cluster, group } : null };
  if (page === 'groups' && isNamed) return { page: 'group', cluster, group };
  return { page: 'overview', query: new URLSearchParams(query) };
}

/** Half of a pair of surrogates: a string may hold it, a URL may not. */
const HALVES = /\p{Cs}/gu;

/** A name as one segment of a path. */
export function urlSegment(name: string): string {
  return encodeURIComponent(name.replace(HALVES, '\ufffd'));
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
