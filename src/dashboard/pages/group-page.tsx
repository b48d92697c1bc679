import { useEffect } from 'preact/hooks';
import type { GroupDetail } from '../../http/api/contract/group.ts';
import type { Overview } from '../../http/api/contract/overview.ts';
import { RefusalError } from '../live/api-client.ts';
import type { LiveData } from '../live/live-data.ts';
import { usePolled } from '../live/use-polled.ts';
import { internalsHref } from '../route.ts';
import { Figure, TermFigure } from '../view/figure.tsx';
import { Age, Since } from '../view/moment.tsx';
import { NameText } from '../view/name-text.tsx';
import { StatusBadge } from '../view/status-badge.tsx';
import { statusSegments } from '../view/status-segments.ts';
import { StatusTimeline } from '../view/status-timeline.tsx';
import type { ThemeChoice } from '../view/theme-switch.tsx';
import { Waiting } from '../view/waiting.tsx';
import { formatDrain, formatMaybeSeconds } from '../../words/durations.ts';
import { formatMaybe } from '../../words/numbers.ts';
import { isAltered } from '../../words/shown-name.ts';
import { LagChart } from './lag-chart.tsx';
import { NoticeLine } from './notice-line.tsx';
import { OwnerTable } from './owner-table.tsx';
import { PartitionTable } from './partition-table.tsx';
import { RecallLine } from './recall-line.tsx';
import { TopicTable } from './topic-table.tsx';

export interface GroupPageProps {
  readonly live: LiveData;
  readonly themes: ThemeChoice;
  readonly cluster: string;
  readonly group: string;
  /** The overview as the reader left it. */
  readonly overviewHref: string;
}

/** The group is fetched at least this often, also without a new sample. */
const ASK_EVERY_MS = 10_000;

/** One group in full. */
export function GroupPage({ live, themes, cluster, group, overviewHref }: GroupPageProps) {
  const nowMs = live.nowMs.value;
  const turn = `${live.groups.version.value} ${Math.floor(nowMs / ASK_EVERY_MS)}`;
  const slot = live.groups.slotOf(cluster, group);
  const sampledAtMs = slot === undefined ? 0 : (live.groups.row(slot)?.[10] ?? 0);
  const { data, error } = usePolled(
    (signal) => live.api.group(cluster, group, signal),
    `${cluster}\n${group}`,
    `${sampledAtMs} ${sampledAtMs === 0 ? turn : Math.floor(nowMs / ASK_EVERY_MS)}`,
  );
  const overview = live.overview.value;
  useEscape(overviewHref);

  return (
    <main class="page" id="main">
      <p class="crumbs">
        <a href={overviewHref}>Overview</a> /{' '}
        <a href={`#/?${new URLSearchParams({ cluster: cluster }).toString()}`}>
          <NameText name={cluster} mostCharacters={60} />
        </a>
      </p>
      <div class="group-head">
        <h1 tabIndex={-1}>
          <NameText name={group} mostCharacters={240} />
        </h1>
        {data !== null && (
          <span>
            <StatusBadge status={data.status} />{' '}
            {isLate(data, overview, nowMs) ? (
              <span class="late">
                as of <Age atMs={data.sampledAtMs} nowMs={nowMs} />
              </span>
            ) : (
              <span class="quiet">
                for <Since sinceMs={data.statusSinceMs} isExact={data.isSinceExact} nowMs={nowMs} />
              </span>
            )}
          </span>
        )}
        <a class="quiet group-internals" href={internalsHref(cluster, group)}>
          Internals
        </a>
      </div>
      {isAltered(group, 240) && (
        <p class="quiet">
          The name is not shown as it is: invisible characters are in ⟨ ⟩, and the middle of a long name is
          left out.
        </p>
      )}
      {error !== null && <Trouble error={error} data={data} overview={overview} />}
      {data !== null && <Body data={data} live={live} themes={themes} nowMs={nowMs} />}
      {data === null && error === null && <Waiting error={null} />}
    </main>
  );
}

function Body({
  data,
  live,
  themes,
  nowMs,
}: {
  readonly data: GroupDetail;
  readonly live: LiveData;
  readonly themes: ThemeChoice;
  readonly nowMs: number;
}) {
  const overview = live.overview.value;
  const pollIntervalMs = pollIntervalOf(overview);
  const late = isLate(data, overview, nowMs);
  const span = { fromMs: data.nowMs - data.heat.stepMs * 60, toMs: data.nowMs };
  return (
    <>
      <dl class="figures">
        <TermFigure term="lag">{formatMaybe(data.totalLagRecords)}</TermFigure>
        <TermFigure term="timeLag">{formatMaybeSeconds(data.lagSeconds)}</TermFigure>
        <TermFigure term="drainTime" tone={data.isDraining === false ? 'warn' : undefined}>
          {formatDrain(data.drainSeconds, data.isDraining)}
        </TermFigure>
        <TermFigure term="consumed">{formatMaybe(data.consumedPerSecond)}</TermFigure>
        <TermFigure term="produced">{formatMaybe(data.producedPerSecond)}</TermFigure>
        <Figure words="Last sample" tone={late ? 'err' : undefined}>
          <Age atMs={data.sampledAtMs} nowMs={nowMs} />
        </Figure>
      </dl>
      <NoticeLine notice={data.notice} nowMs={nowMs} />
      <LagChart data={data} themes={themes} pollIntervalMs={pollIntervalMs} {...span}>
        <StatusTimeline
          segments={statusSegments(data.statusChanges, {
            ...span,
            knownToMs: late ? data.sampledAtMs : data.nowMs,
          })}
        />
      </LagChart>
      <RecallLine overview={overview} />
      <PartitionTable data={data} />
      <TopicTable topics={data.topics} />
      <OwnerTable owners={data.owners} />
    </>
  );
}

function pollIntervalOf(overview: Overview | null): number {
  return overview?.pollIntervalMs ?? 60_000;
}

/** Whether so long no sample came that nobody knows the status of the group. */
function isLate({ sampledAtMs }: GroupDetail, overview: Overview | null, nowMs: number): boolean {
  return nowMs - sampledAtMs > 3 * pollIntervalOf(overview);
}

/** @param data what was known of the group before the error */
function Trouble({
  error,
  data,
  overview,
}: {
  readonly error: Error;
  readonly data: GroupDetail | null;
  readonly overview: Overview | null;
}) {
  const isUnknown = error instanceof RefusalError && error.status === 404;
  if (!isUnknown) return <Waiting error={error} />;
  const isGone = data !== null;
  if (isGone && overview !== null && overview.startedAtMs > data.sampledAtMs) {
    return (
      <div class="banner banner-warn" role="status">
        <p>
          The sidecar has started anew and has no sample of this group yet. What was known before is below.
        </p>
      </div>
    );
  }
  return (
    <div class={isGone ? 'banner banner-warn' : 'empty'} role="status">
      <h2>{isGone ? 'This group is gone' : 'No such group'}</h2>
      <p>
        {isGone
          ? 'Burrow does not list it any more, and its series have ended with 0. Its last known data is below.'
          : 'Burrow does not list it, or it has no sample yet. It appears here with its first sample.'}
      </p>
    </div>
  );
}

/** Escape goes back to the overview as the reader left it. */
function useEscape(overviewHref: string): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || document.activeElement instanceof HTMLInputElement) return;
      location.hash = overviewHref;
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [overviewHref]);
}
