/**
 * What came of one request to Burrow. An error is a value here, and never becomes a zero further on.
 *
 * - `ok`: a complete, validated answer.
 * - `notFound`: Burrow says that it does not know the cluster, group or topic (for a group: HTTP 404 with `error: false`).
 * - `unreachable`: no answer within the deadline, no connection, or a 5xx; trying again may help.
 * - `invalid`: an answer that breaks the contract; trying again at once will not help.
 *
 * `reason` is one English clause without credentials.
 */
export type Outcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly reason: string };
