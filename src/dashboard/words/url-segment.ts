/** Half of a pair of surrogates: a string may hold it, a URL may not. */
const HALVES = /\p{Cs}/gu;

/** A name as one segment of a path. */
export function urlSegment(name: string): string {
  return encodeURIComponent(name.replace(HALVES, '\ufffd'));
}
