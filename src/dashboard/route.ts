/** A page, as the fragment of the address names it. */
export type Route =
  | { readonly page: 'overview'; readonly query: URLSearchParams }
  | { readonly page: 'group'; readonly cluster: string; readonly group: string }
  | { readonly page: 'traffic' }
  | { readonly page: 'machine' };

/** `#/groups/{cluster}/{group}` */
export function groupHref(cluster: string, group: string): string {
  return `#/groups/${urlSegment(cluster)}/${urlSegment(group)}`;
}

/** Any other fragment is the overview. */
export function parseRoute(fragment: string): Route {
  const [path = '', query = ''] = fragment.replace(/^#?\/?/, '').split('?', 2);
  const [page, ...names] = path.split('/');
  if (page === 'traffic') return { page };
  if (page === 'machine') return { page };
  if (page === 'groups' && names.length === 2) {
    const [cluster, group] = names.map(decode);
    if (cluster !== undefined && group !== undefined) return { page: 'group', cluster, group };
  }
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
