import type { DatedHealth } from './health-since.ts';
import type { ProbeReport } from './probes.ts';
import { GET, NEVER, type Route } from './route.ts';

/** What the three questions are answered from. */
export interface HealthQuestions {
  readonly judge: () => DatedHealth;
  readonly judgeLive: () => ProbeReport;
  readonly judgeReady: () => ProbeReport;
}

/**
 * Three questions about health: 200 is yes, 503 is no.
 *
 * - `/health-check`: do series arrive? See `judgeHealth`.
 * - `/live`: does this process work? See `judgeLive`.
 * - `/ready`: has this process come up? See `judgeReady`.
 */
export function healthRoutes(questions: HealthQuestions, version: string): readonly Route[] {
  return [
    healthRoute(['/health-check', '/health_check'], questions.judge, version),
    healthRoute(['/live'], questions.judgeLive, version),
    healthRoute(['/ready'], questions.judgeReady, version),
  ];
}

/** A load balancer has neither token nor certificate. */
function healthRoute(
  paths: readonly string[],
  judge: () => DatedHealth | ProbeReport,
  version: string,
): Route {
  return {
    paths,
    methods: GET,
    needsToken: NEVER,
    needsCertificate: false,
    handle(_request, reply) {
      const report = judge();
      return reply.code(report.status === 'unavailable' ? 503 : 200).send({ version, ...report });
    },
  };
}
