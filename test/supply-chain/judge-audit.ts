/** What `npm audit --json` came to. */
export type AuditJudgement =
  | { readonly kind: 'clean' }
  /** One line each: package, severity, advisory. */
  | { readonly kind: 'findings'; readonly lines: readonly string[] }
  /** No answer from the registry, and why. */
  | { readonly kind: 'unanswered'; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what `npm audit --json` printed. Its exit code tells nothing: it is 1 for findings and for a registry without
 * an answer alike. Only a report is a report; whatever else was printed means that nothing was audited.
 */
export function judgeAudit(printed: string): AuditJudgement {
  let report: unknown;
  try {
    report = JSON.parse(printed);
  } catch {
    return { kind: 'unanswered', reason: 'npm audit printed no JSON' };
  }
  if (!isObject(report)) return { kind: 'unanswered', reason: 'npm audit printed no report' };
  const { vulnerabilities } = report;
  if (!('auditReportVersion' in report) || !isObject(vulnerabilities)) {
    return { kind: 'unanswered', reason: reasonIn(report) };
  }
  const lines = Object.entries(vulnerabilities).map(([name, finding]) => describe(name, finding));
  return lines.length === 0 ? { kind: 'clean' } : { kind: 'findings', lines };
}

function describe(name: string, finding: unknown): string {
  if (!isObject(finding)) return name;
  const via = Array.isArray(finding['via']) ? (finding['via'] as readonly unknown[]) : [];
  const causes = via.map((cause) =>
    isObject(cause)
      ? [textOf(cause['title']), textOf(cause['url'])].join(' ').trim()
      : `by way of ${textOf(cause)}`,
  );
  return `${name} ${textOf(finding['range'])} (${textOf(finding['severity'])}): ${causes.join('; ')}`;
}

function reasonIn({ message, error }: Fields): string {
  const summary = isObject(error) ? textOf(error['summary']) : '';
  return [textOf(message), summary].find((text) => text !== '') ?? 'the registry gave no report';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
