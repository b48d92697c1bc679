import type { Configuration } from './configuration.ts';
import type { Judge } from './setting/judge.ts';
import type { Settings } from './schema.ts';

/** As many tags as Wavefront takes with a point, source aside, and as many as a record can have of its own. */
const MOST_POINT_TAGS = 20;
const OWN_TAGS = 6;

/** Names, tags and bounds of the series. Reports what the wire format has no room for. */
export function resolveSeries(judge: Judge, settings: Settings, hostName: string): Configuration['series'] {
  const { series, sink } = settings;
  const most = MOST_POINT_TAGS - OWN_TAGS;
  const count = Object.keys(series.tags).length;
  if (sink.format === 'wavefront' && count > most) {
    judge.report(
      ['series', 'tags'],
      `must not have more than ${most} tags (${count} are there): Wavefront takes ${MOST_POINT_TAGS} with a record, ${OWN_TAGS} of them its own`,
      'remove some, or set sink.format: json',
      ['sink', 'format'],
    );
  }
  const { zeroTolerance, source = hostName, ...rest } = series;
  return { ...rest, source, zeroToleranceRecords: zeroTolerance };
}
