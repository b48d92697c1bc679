import { describe, expect, test } from 'vitest';
import { judgeAudit } from './judge-audit.ts';

describe('given what npm audit printed', () => {
  test('when it is a report without a finding, then all is clean', () => {
    expect(judgeAudit('{"auditReportVersion":2,"vulnerabilities":{},"metadata":{}}')).toEqual({
      kind: 'clean',
    });
  });

  test('when it is a report with findings, then each is told with its cause', () => {
    const report = {
      auditReportVersion: 2,
      vulnerabilities: {
        leaky: {
          severity: 'high',
          range: '<2.0.0',
          via: [{ title: 'Leaks', url: 'https://advisories.example/1' }],
        },
        user: { severity: 'high', range: '*', via: ['leaky'] },
      },
    };
    expect(judgeAudit(JSON.stringify(report))).toEqual({
      kind: 'findings',
      lines: ['leaky <2.0.0 (high): Leaks https://advisories.example/1', 'user * (high): by way of leaky'],
    });
  });

  test.each([
    ['', 'npm audit printed no JSON'],
    ['[]', 'npm audit printed no report'],
    ['{}', 'the registry gave no report'],
    ['{"vulnerabilities":{}}', 'the registry gave no report'],
    ['{"message":"405 Method Not Allowed","error":{"summary":""}}', '405 Method Not Allowed'],
    ['{"error":{"code":"ENOLOCK","summary":"no lock file"}}', 'no lock file'],
  ])('when it is %j, then nothing was audited, and that is never taken for clean', (printed, reason) => {
    expect(judgeAudit(printed)).toEqual({ kind: 'unanswered', reason });
  });
});
