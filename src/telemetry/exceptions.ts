/**
 * Everything that may go wrong with a single poll or record without harming the rest. Each is counted in
 * `exception.{kind}` of the traffic family and in `burrow_rainbow_exceptions_total{kind}`.
 *
 * - `burrowUnreachable`: a request to Burrow had no answer in time, no connection, or a 5xx
 * - `burrowInvalid`: an answer of Burrow's broke its contract
 * - `unsafeInteger`: a number past 2^53, which JSON cannot carry exactly
 * - `incompleteTopic`: a topic's offset list was shorter than its partition count
 * - `totalMismatch`: a group's total lag was not the sum of its partitions
 * - `offsetRewind`: an offset went backwards
 * - `unaddressableName`: a name that can never be asked for by URL: it has a `/`, or is far too long
 * - `ambiguousName`: a name that looks like another one in records, because it has characters that no record can carry
 * - `nameShortened`: a name that is longer than a tag may be; records show its beginning and a hash of the whole
 * - `notifierInvalid`: a webhook body, or an event of one, that could not be understood
 * - `clockSetBack`: the system clock was set back
 * - `samplesDropped`: the outbox was full, or a destination will never take the sample
 */
export const EXCEPTION_KINDS = [
  'burrowUnreachable',
  'burrowInvalid',
  'unsafeInteger',
  'incompleteTopic',
  'totalMismatch',
  'offsetRewind',
  'unaddressableName',
  'ambiguousName',
  'nameShortened',
  'notifierInvalid',
  'clockSetBack',
  'samplesDropped',
] as const;

/** One of {@link EXCEPTION_KINDS}. */
export type ExceptionKind = (typeof EXCEPTION_KINDS)[number];

/** Counts an exception against a cluster, `times` 1 or more. */
export type CountException = (cluster: string, kind: ExceptionKind, times: number) => void;
