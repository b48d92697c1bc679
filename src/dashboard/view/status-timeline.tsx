import { formatTime } from '../../words/clock.ts';
import { formatCoarse } from '../../words/durations.ts';
import { STATUSES } from '../../words/statuses.ts';
import { bothZones } from './moment.tsx';
import type { StatusSegment } from './status-segments.ts';

/** The statuses of a stretch of time as a strip; what is not known is hatched. */
export function StatusTimeline({ segments }: { readonly segments: readonly StatusSegment[] }) {
  const fromMs = segments[0]?.fromMs ?? 0;
  const wholeMs = Math.max(1, (segments.at(-1)?.toMs ?? 0) - fromMs);
  return (
    <figure class="timeline">
      <div class="timeline-strip" role="img" aria-label={describe(segments)}>
        {segments.map((segment) => (
          <Segment key={segment.fromMs} segment={segment} part={lengthOf(segment) / wholeMs} />
        ))}
      </div>
      <figcaption class="quiet">{summarise(segments)}</figcaption>
    </figure>
  );
}

function Segment({ segment, part }: { readonly segment: StatusSegment; readonly part: number }) {
  const { status, fromMs, toMs } = segment;
  const word = status ?? 'not known';
  return (
    <span
      class={`timeline-segment ${status === null ? 'timeline-unknown' : `fill-${status.toLowerCase()}`}`}
      style={{ flexGrow: part }}
      title={`${word} for ${formatCoarse((toMs - fromMs) / 1000)}\nfrom ${bothZones(fromMs)}\nto ${bothZones(toMs)}`}
    >
      {status !== null && <b>{status}</b>}
    </span>
  );
}

/** How long each status lasted altogether, the worst first. */
function summarise(segments: readonly StatusSegment[]): string {
  return [...STATUSES, null]
    .map((status): readonly [string, number] => [
      status ?? 'not known',
      segments
        .filter((segment) => segment.status === status)
        .reduce((sum, segment) => sum + lengthOf(segment), 0),
    ])
    .filter(([, lengthMs]) => lengthMs > 0)
    .map(([word, lengthMs]) => `${word} ${formatCoarse(lengthMs / 1000)}`)
    .join(' · ');
}

/** For screen readers. */
function describe(segments: readonly StatusSegment[]): string {
  const words = segments.map(({ status, fromMs }) => `${status ?? 'not known'} from ${formatTime(fromMs)}`);
  return `Status: ${words.join(', ')}`;
}

function lengthOf({ fromMs, toMs }: StatusSegment): number {
  return toMs - fromMs;
}
