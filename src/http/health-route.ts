import type { HealthReport } from './health.ts';
import { GET, NEVER, type Route } from './route.ts';

/** 200 where the sidecar works, 503 where only a fresh start may help. A load balancer has neither token nor certificate. */
export function healthRoute(judge: () => HealthReport, version: string): Route {
  return {
    paths: ['/health-check', '/health_check'],
    methods: GET,
    needsToken: NEVER,
    needsCertificate: false,
    handle(_request, reply) {
      const report = judge();
      return reply.code(report.status === 'unavailable' ? 503 : 200).send({ version, ...report });
    },
  };
}
