import type { ClusterSummary, HealthSummary, Overview } from '../http/api/contract/overview.ts';
import { formatTime } from '../words/clock.ts';
import { compactSeconds, formatCoarse } from '../words/durations.ts';
import { formatBytes, formatCount, formatNumber, UNKNOWN, wholeNumber } from '../words/numbers.ts';
import { STATUSES } from '../words/statuses.ts';
import { clipText, plainText, showText, widthOf, wrapText } from './shown-text.ts';
import type { Style, Tone } from './style.ts';
import { statusTone } from './table-cells.ts';
import { secondsSince, type Link, type TopModel } from './top-model.ts';

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

const GAP = 2;
/** From so many columns on there is room for what is as it should be. */
const ROOMY = 70;
/** Records that wait for less time are shown by their number alone. */
const QUICK_SECONDS = 5;

/** A text with its tone. `rank`: where there is no room, those of the highest rank are left out first; absent: the last ones. */
export type Piece = readonly [text: string, tone: Tone, rank?: number];

/** Which sidecar this is, its health, and the age of what is shown. */
export function titleLine(
  model: TopModel,
  { isPaused, nowMs }: { readonly isPaused: boolean; readonly nowMs: number },
  width: number,
  style: Style,
): string {
  const { overview, url, link, isHeld } = model;
  const pieces: Piece[] = [['burrow-rainbow', 'strong', 2]];
  if (overview !== null) {
    const { health, version, source } = overview;
    const up = `up ${compactSeconds(Math.round(health.uptimeSeconds))}`;
    const running = health.phase === 'running' ? up : health.phase;
    pieces.push(
      [showText(version, style.isUnicode), 'strong', 4],
      // Its last answer does not tell how it is now.
      ...(link.kind === 'lost'
        ? [['NO ANSWER', 'bad', 1] as const]
        : [healthPiece(model, health, nowMs, style), [running, 'plain', 3] as const]),
      [showText(source, style.isUnicode), 'plain', 6],
    );
  }
  pieces.push([showText(url, style.isUnicode), 'faint', 5]);
  const right: Piece = isPaused
    ? [`${freshness(link, nowMs, style)} PAUSED`, 'warning']
    : isHeld && link.kind === 'live'
      ? ['order held', 'warning']
      : [freshness(link, nowMs, style), 'plain'];
  return spread(pieces, right, width, style);
}

function healthPiece(
  model: TopModel,
  { status, sinceMs }: HealthSummary,
  nowMs: number,
  style: Style,
): Piece {
  const lasting = status === 'ok' ? '' : ` ${formatCoarse(secondsSince(sinceMs, model, nowMs))}`;
  return [plainText(HEALTH_WORD[status] + lasting, style.isUnicode), HEALTH_TONE[status], 1];
}

/** The sums over all clusters, and the outbox. */
export function totalsLine(overview: Overview, width: number, style: Style): string {
  const { clusters, health } = overview;
  const groups = sum(clusters, (cluster) => cluster.groups);
  const isKnown = groups === 0 || clusters.some(({ sampledGroups }) => sampledGroups > 0);
  const lagging = sum(clusters, (each) => each.laggingGroups);
  const lag = sum(clusters, (each) => each.totalLagRecords);
  const pieces: Piece[] = [
    [formatCount(groups, 'group'), 'plain', 2],
    [`${isKnown ? wholeNumber(lagging) : UNKNOWN} lagging`, 'plain', 4],
    [`lag ${isKnown ? plainText(formatNumber(lag), style.isUnicode) : UNKNOWN}`, 'strong', 3],
  ];
  for (const status of STATUSES) {
    const count = sum(clusters, (cluster) => cluster.statuses[status] ?? 0);
    if (count > 0)
      pieces.push([`${status} ${wholeNumber(count)}`, statusTone(status), status === 'OK' ? 5 : 1]);
  }
  pieces.push([formatCount(clusters.length, 'cluster'), 'plain', 6]);
  return spread(pieces, [outboxText(health, width), 'plain'], width, style);
}

/**
 * What a person should know now, over at least one line, which is blank while the sidecar is healthy.
 *
 * @param most lines at most
 */
export function noticeLines(
  model: TopModel,
  { most, nowMs }: { readonly most: number; readonly nowMs: number },
  width: number,
  style: Style,
): readonly string[] {
  const [text, tone] = notice(model, nowMs, style);
  return wrapText(text, width, most, style.ellipsis).map((line) => style.paint(line, tone));
}

function notice(model: TopModel, nowMs: number, style: Style): Piece {
  const { link, overview, url, hint = '' } = model;
  const show = (text: string): string => showText(text, style.isUnicode);
  /** When it began, and how long ago that was. @param seconds how long ago */
  const since = (atMs: number, seconds: number): string =>
    plainText(`${formatTime(atMs, style.zone)} (${formatCoarse(seconds)})`, style.isUnicode);
  if (link.kind === 'connecting') return [`Connecting to ${show(url)} ${style.ellipsis}`, 'plain'];
  if (link.kind === 'lost') {
    const when = since(link.sinceMs, (nowMs - link.sinceMs) / 1000);
    return [`No answer since ${when}: ${show(link.reason)}; trying again`, 'bad'];
  }
  const parts = overview?.health.parts ?? [];
  const part =
    parts.find(({ status }) => status === 'unavailable') ?? parts.find(({ status }) => status !== 'ok');
  if (part !== undefined) {
    const { name, status, sinceMs, reason = status } = part;
    const when = since(sinceMs, secondsSince(sinceMs, model, nowMs));
    return [`${show(name)}, since ${when}: ${show(reason)}`, status === 'unavailable' ? 'bad' : 'warning'];
  }
  const first = parts.find(({ name }) => name === 'first polls');
  const [polled, groups] = [first?.['polledGroups'], first?.['groups']];
  if (typeof polled === 'number' && typeof groups === 'number') {
    return [`First polls: ${wholeNumber(polled)} of ${formatCount(groups, 'group')} so far`, 'warning'];
  }
  return [hint, 'plain'];
}

/** Pieces with space between, and one at the right end; without those that there is no room for. */
export function spread(pieces: readonly Piece[], right: Piece, width: number, style: Style): string {
  const room = width - widthOf(right[0]) - (right[0] === '' ? 0 : GAP);
  const shown = pieces.map(([text, tone, rank = 0], index) => ({ text, tone, rank, index }));
  const widthOfShown = (): number => shown.reduce((sum, { text }) => sum + widthOf(text) + GAP, -GAP);
  while (shown.length > 0 && widthOfShown() > room) {
    const least = shown.reduce((last, piece) => (piece.rank >= last.rank ? piece : last));
    shown.splice(shown.indexOf(least), 1);
  }
  const gap = width - Math.max(0, widthOfShown()) - widthOf(right[0]);
  if (gap < 0) return style.paint(clipText(right[0], width, style.ellipsis), right[1]);
  const text = shown.map(({ text, tone }) => style.paint(text, tone)).join(' '.repeat(GAP));
  return `${text}${' '.repeat(gap)}${style.paint(right[0], right[1])}`;
}

/** Pieces with space between, over as many lines as they need; what does not fit on the last of them is left out. */
export function flow(pieces: readonly Piece[], width: number, most: number, style: Style): readonly string[] {
  const lines: { text: string; width: number }[] = [];
  for (const [text, tone] of pieces) {
    const clipped = clipText(text, width, style.ellipsis);
    const last = lines.at(-1);
    const needed = widthOf(clipped);
    if (last !== undefined && last.width + GAP + needed <= width) {
      last.text += ' '.repeat(GAP) + style.paint(clipped, tone);
      last.width += GAP + needed;
    } else if (lines.length < most) lines.push({ text: style.paint(clipped, tone), width: needed });
  }
  return lines.map(({ text }) => text);
}

function freshness(link: Link, nowMs: number, style: Style): string {
  switch (link.kind) {
    case 'connecting':
      return 'connecting';
    case 'live':
      return formatTime(link.heardMs, style.zone);
    case 'lost':
      return `${compactSeconds(Math.floor((nowMs - link.sinceMs) / 1000))} old`;
  }
}

/** What waits in the outbox; on a narrow terminal only where it waits for long. */
function outboxText({ parts }: HealthSummary, width: number): string {
  const outbox = parts.find(({ name }) => name === 'outbox');
  if (outbox === undefined) return '';
  const { waitingSamples: samples, waitingBytes: bytes, diskBytes, oldestWaitingSeconds: age } = outbox;
  if (typeof samples !== 'number' || typeof bytes !== 'number') return '';
  if (typeof age !== 'number' || age < QUICK_SECONDS) {
    if (width < ROOMY) return '';
    return samples === 0 ? 'outbox empty' : `outbox ${wholeNumber(samples)}`;
  }
  const size = formatBytes(bytes + (typeof diskBytes === 'number' ? diskBytes : 0), ' ');
  return `outbox ${formatCount(samples, 'sample')}, ${size}, ${compactSeconds(age)}`;
}

function sum(clusters: readonly ClusterSummary[], of: (cluster: ClusterSummary) => number): number {
  return clusters.reduce((total, cluster) => total + of(cluster), 0);
}
