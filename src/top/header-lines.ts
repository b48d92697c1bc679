import type { ClusterSummary, HealthSummary, Overview } from '../http/api/contract/overview.ts';
import { clipText, showText, widthOf } from './shown-text.ts';
import { formatClock } from '../words/clock.ts';
import { compactSeconds } from '../words/durations.ts';
import { compactNumber, formatBytes, wholeNumber } from '../words/numbers.ts';
import { STATUSES } from '../words/statuses.ts';
import type { Style, Tone } from './style.ts';
import type { Link, TopModel } from './top-model.ts';

const HEALTH_TONE: Readonly<Record<HealthSummary['status'], Tone>> = {
  ok: 'good',
  degraded: 'warning',
  unavailable: 'bad',
};

const HEALTH_WORD: Readonly<Record<HealthSummary['status'], string>> = {
  ok: 'ok',
  degraded: 'DEGRADED',
  unavailable: 'UNAVAILABLE',
};

/** Records that wait for less time are shown by their number alone. */
const QUICK_SECONDS = 5;

/** Pieces of a line with their tones, joined as far as there is room. */
type Piece = readonly [text: string, tone: Tone];

/** Which sidecar this is, its health, and the age of what is shown. */
export function titleLine(
  model: TopModel,
  { isPaused, nowMs }: { readonly isPaused: boolean; readonly nowMs: number },
  width: number,
  style: Style,
): string {
  const { overview, url, link } = model;
  const pieces: Piece[] = [['burrow-rainbow', 'strong']];
  if (overview !== null) {
    const { health, version, source } = overview;
    pieces[0] = [`burrow-rainbow ${showText(version, style.isUnicode)}`, 'strong'];
    // Its last answer does not tell its health now.
    pieces.push(
      link.kind === 'lost' ? ['NO ANSWER', 'bad'] : [HEALTH_WORD[health.status], HEALTH_TONE[health.status]],
    );
    const up = `up ${compactSeconds(Math.round(health.uptimeSeconds))}`;
    pieces.push([health.phase === 'running' ? up : health.phase, 'plain']);
    pieces.push([showText(source, style.isUnicode), 'plain']);
  }
  pieces.push([showText(url, style.isUnicode), 'faint']);
  const right: Piece = isPaused ? ['PAUSED', 'warning'] : [freshness(link, nowMs), 'plain'];
  return spread(pieces, right, width, style);
}

/** The sums over all clusters, and the outbox. */
export function totalsLine(overview: Overview, width: number, style: Style): string {
  const { clusters, health } = overview;
  const groups = sum(clusters, (cluster) => cluster.groups);
  const pieces: Piece[] = [
    [
      `${plural(groups, 'group')}, ${wholeNumber(sum(clusters, (each) => each.laggingGroups))} lagging`,
      'plain',
    ],
    [`lag ${compactNumber(sum(clusters, (each) => each.totalLagRecords))}`, 'strong'],
  ];
  for (const status of STATUSES) {
    const count = sum(clusters, (cluster) => cluster.statuses[status] ?? 0);
    if (count > 0) pieces.push([`${status} ${wholeNumber(count)}`, toneOf(status)]);
  }
  pieces.push([plural(clusters.length, 'cluster'), 'plain']);
  return spread(pieces, [outboxText(health), 'plain'], width, style);
}

/** What a person should know now; '' while the sidecar is healthy. */
export function noticeLine(model: TopModel, nowMs: number, width: number, style: Style): string {
  const [text, tone] = notice(model, nowMs, style);
  return style.paint(clipText(text, width, style.ellipsis), tone);
}

function notice({ link, overview, url, hint = '' }: TopModel, nowMs: number, style: Style): Piece {
  if (link.kind === 'connecting')
    return [`Connecting to ${showText(url, style.isUnicode)} ${style.ellipsis}`, 'plain'];
  if (link.kind === 'lost') {
    const lasting = compactSeconds(Math.floor((nowMs - link.sinceMs) / 1000));
    const reason = showText(link.reason, style.isUnicode);
    return [`No data since ${formatClock(link.sinceMs)} (${lasting}): ${reason}; trying again`, 'bad'];
  }
  const part = overview?.health.parts.find(({ status }) => status !== 'ok');
  if (part !== undefined) {
    const tone = part.status === 'unavailable' ? 'bad' : 'warning';
    return [showText(`${part.name}: ${part.reason ?? part.status}`, style.isUnicode), tone];
  }
  const first = overview?.health.parts.find(({ name }) => name === 'first polls');
  const [polled, groups] = [first?.['polledGroups'], first?.['groups']];
  if (typeof polled === 'number' && typeof groups === 'number') {
    return [`First polls: ${wholeNumber(polled)} of ${plural(groups, 'group')} so far`, 'warning'];
  }
  return [hint, 'plain'];
}

/** Pieces with space between, the last ones left out where there is no room, and one at the right end. */
export function spread(pieces: readonly Piece[], right: Piece, width: number, style: Style): string {
  const room = width - widthOf(right[0]) - 2;
  let text = '';
  let used = 0;
  for (const [piece, tone] of pieces) {
    const next = used + (used > 0 ? 2 : 0) + widthOf(piece);
    if (next > room) break;
    text += (used > 0 ? '  ' : '') + style.paint(piece, tone);
    used = next;
  }
  const gap = width - used - widthOf(right[0]);
  return gap < 0
    ? style.paint(clipText(right[0], width, style.ellipsis), right[1])
    : `${text}${' '.repeat(gap)}${style.paint(...right)}`;
}

function freshness(link: Link, nowMs: number): string {
  switch (link.kind) {
    case 'connecting':
      return 'connecting';
    case 'live':
      return formatClock(link.heardMs);
    case 'lost':
      return link.heardMs === null
        ? 'no answer'
        : `${compactSeconds(Math.floor((nowMs - link.heardMs) / 1000))} old`;
  }
}

function outboxText({ parts }: HealthSummary): string {
  const outbox = parts.find(({ name }) => name === 'outbox');
  if (outbox === undefined) return '';
  const { waitingSamples: samples, waitingBytes: bytes, diskBytes, oldestWaitingSeconds: age } = outbox;
  if (typeof samples !== 'number' || typeof bytes !== 'number') return '';
  if (samples === 0) return 'outbox empty';
  if (typeof age !== 'number' || age < QUICK_SECONDS) return `outbox ${wholeNumber(samples)}`;
  const size = formatBytes(bytes + (typeof diskBytes === 'number' ? diskBytes : 0), ' ');
  return `outbox ${plural(samples, 'sample')}, ${size}, ${compactSeconds(age)}`;
}

function toneOf(status: (typeof STATUSES)[number]): Tone {
  if (status === 'OK') return 'good';
  if (status === 'WARN') return 'warning';
  return status === 'UNKNOWN' || status === 'NOTFOUND' ? 'faint' : 'bad';
}

function plural(count: number, word: string): string {
  return `${wholeNumber(count)} ${word}${count === 1 ? '' : 's'}`;
}

function sum(clusters: readonly ClusterSummary[], of: (cluster: ClusterSummary) => number): number {
  return clusters.reduce((total, cluster) => total + of(cluster), 0);
}
