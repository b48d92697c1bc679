/** What ends every exposition of OpenMetrics. */
export const OPEN_METRICS_END = '# EOF\n';

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/**
 * Prometheus' text format 0.0.4 as OpenMetrics 1.0, without the end: a counter's family is named without `_total`, there
 * are no empty lines, and quotes within HELP are escaped. prom-client has this format, too, but renames its counters for
 * it once and for all, so that the next reader of the text format would not get them under their names.
 * Source: https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function toOpenMetrics(text: string): string {
  let converted = '';
  let help = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      help = rest.replaceAll('"', '\\"');
    } else if (kind === 'TYPE') {
      const family = rest === 'counter' ? name.replace(/_total$/, '') : name;
      converted += `# HELP ${family} ${help}\n# TYPE ${family} ${rest}\n`;
    } else {
      // As prom-client writes it.
      converted += `${line.replace(/ Nan$/, ' NaN')}\n`;
    }
  }
  return converted;
}
