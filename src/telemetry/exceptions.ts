/**
 * Everything that may go wrong with a single poll or record without harming the rest: what happened, why, and what to do.
 * Each is counted in `exception.{kind}` of the traffic family and in `burrow_rainbow_exceptions_total{kind}`. API,
 * dashboard and docs derive from these rows.
 */
export const EXCEPTIONS = {
  burrowUnreachable: {
    happened: 'A request to Burrow had no answer in time, no connection, or a 5xx.',
    cause: 'That Burrow is down, overloaded or starting, or the network to it is cut.',
    remedy: 'See whether that Burrow runs and keeps up; raise `burrow.timeout` if it is only slow.',
  },
  burrowInvalid: {
    happened: "An answer broke Burrow's contract and was left out.",
    cause:
      '`burrow.servers` points at something else (a proxy, a login page), a proxy changes the answer, or Burrow is of an unknown version.',
    remedy: 'The log says which field; check that `burrow.servers` points at Burrow itself.',
  },
  unsafeInteger: {
    happened: 'Burrow named a number past 2^53, which JSON cannot carry exactly: it counts as unknown.',
    cause: "Offsets in Burrow's memory are damaged; Kafka itself never comes near that number.",
    remedy: 'Restart that Burrow, so that it reads its offsets again.',
  },
  incompleteTopic: {
    happened: 'The offsets of a topic were fewer than its partitions: that sample of the topic was left out.',
    cause:
      'Burrow has just started or the topic is new, and it has not read the offsets of all partitions yet.',
    remedy: 'Wait: it passes when Burrow has read the offsets of all partitions.',
  },
  totalMismatch: {
    happened:
      "Burrow's total lag of a group was not the sum of its partitions: the sum was sent. Counted at each such poll, logged once for a group.",
    cause: 'Burrow counts a partition in its total that it does not list, or the other way round.',
    remedy: 'Compare with `/lag` of that group; it is an error in Burrow.',
  },
  offsetRewind: {
    happened: 'An offset went backwards: there is no rate for that poll.',
    cause: "Somebody has reset the group's offsets, or deleted the topic and created it again.",
    remedy: 'Nothing, if it was meant: the next poll has a rate again.',
  },
  unaddressableName: {
    happened:
      "The name of a group or topic has a `/`, which Burrow's URLs cannot carry, or more than 10,240 characters.",
    cause: 'Somebody has chosen such a name for a group or topic.',
    remedy: 'Rename it, or deny it in `discovery`.',
  },
  ambiguousName: {
    happened:
      'A group, or a topic of one, looks like another one in records, which cannot carry all characters: it was left out, since it would write into the series of the other.',
    cause: 'Two names differ only in characters that records cannot carry, such as `a.b` and `a_b`.',
    remedy: 'Rename it, or deny it in `discovery`.',
  },
  nameShortened: {
    happened:
      'A name is longer than a tag may be: its records show its beginning and a hash of the whole. Counted once for each name.',
    cause:
      'The wire format limits the length of a tag: 254 characters with `wavefront`, 160 with `graphite`, 1,000 with `influx`.',
    remedy: 'Give it a shorter name, or set `sink.format: json`.',
  },
  notifierInvalid: {
    happened:
      'The body of a webhook, or an event in it, could not be understood (Prometheus only; it belongs to no cluster).',
    cause: "Burrow's notifier uses other templates, or somebody else posts to `/notifier`.",
    remedy: "Compare the notifier's templates with those in `examples/burrow`.",
  },
  clockSetBack: {
    happened:
      'The system clock was set back: records go on from where they were, a tenth slower, until it has caught up (Prometheus only).',
    cause: 'Somebody or a time service has set the clock back by a step.',
    remedy: 'Keep the clock by NTP, which does not step; a restart begins with the true time.',
  },
  samplesDropped: {
    happened: 'Records were lost: the outbox was full, or the destination will never take a sample.',
    cause:
      'The destination took nothing for longer than the outbox can hold, or it refuses the time or the size of a sample.',
    remedy: 'Bring the sink back; raise `outbox.memory`, or set `outbox.disk.path`.',
  },
} as const satisfies Readonly<
  Record<string, { readonly happened: string; readonly cause: string; readonly remedy: string }>
>;

/** One of {@link EXCEPTIONS}. */
export type ExceptionKind = keyof typeof EXCEPTIONS;

export const EXCEPTION_KINDS = Object.keys(EXCEPTIONS) as readonly ExceptionKind[];

/** Counts an exception against a cluster, `times` 1 or more. */
export type CountException = (cluster: string, kind: ExceptionKind, times: number) => void;
