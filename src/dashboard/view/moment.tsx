import type { ComponentChildren } from 'preact';
import { formatMoment, formatTime, formatUtc } from '../../words/clock.ts';
import { formatAge, formatSince } from '../../words/durations.ts';

/** How long ago a moment was: `3 min ago`. */
export function Age({ atMs, nowMs }: { readonly atMs: number; readonly nowMs: number }) {
  return <Moment atMs={atMs}>{formatAge(atMs, nowMs)}</Moment>;
}

/** How long something has lasted: `4 min`, or `≥ 4 min` where it may have begun before the first look. */
export function Since({
  sinceMs,
  isExact = true,
  nowMs,
}: {
  readonly sinceMs: number;
  readonly isExact?: boolean;
  readonly nowMs: number;
}) {
  return (
    <Moment atMs={sinceMs} words={isExact ? 'since' : 'already so at the first look,'}>
      {formatSince(sinceMs, isExact, nowMs)}
    </Moment>
  );
}

/** A time of day in the reader's zone: `14:03:22 CET`. */
export function TimeOfDay({ atMs }: { readonly atMs: number }) {
  return <Moment atMs={atMs}>{formatTime(atMs)}</Moment>;
}

/** The exact moment appears when the pointer is on it, in the reader's zone and in UTC. */
function Moment({
  atMs,
  words,
  children,
}: {
  readonly atMs: number;
  readonly words?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <time
      class="moment"
      dateTime={new Date(atMs).toISOString()}
      title={`${words === undefined ? '' : `${words} `}${bothZones(atMs)}`}
    >
      {children}
    </time>
  );
}

/** A moment in the reader's zone and, where that is another one, in UTC. */
export function bothZones(atMs: number): string {
  const own = formatMoment(atMs);
  const utc = formatUtc(atMs);
  return own === utc ? own : `${own} = ${utc}`;
}
