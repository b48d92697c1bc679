import type { ApiDeps } from './api/api-route.ts';
import type { EventHubOptions } from './api/event-hub.ts';
import { eventsRoute } from './api/event-route.ts';
import { groupsRoute } from './api/group-list.ts';
import { groupRoute } from './api/group-page.ts';
import { machineRoute } from './api/machine-page.ts';
import { documentRoute } from './api/open-api-document.ts';
import { overviewRoute } from './api/overview-page.ts';
import { trafficRoute } from './api/traffic-page.ts';
import { dashboardRoutes, type DashboardFile } from './dashboard-routes.ts';
import { healthRoutes, type HealthQuestions } from './health-route.ts';
import { metricsRoute, type ExposedMetrics, type ExpositionFormat } from './metrics-route.ts';
import type { NotifierReceiver } from './notifier-receiver.ts';
import { notifierRoute, type BodyFaults } from './notifier-route.ts';
import type { Route } from './route.ts';

/** What the routes show and do. None of the synchronous ones may do I/O: the health check waits for them. */
export interface RouteDeps extends ApiDeps, HealthQuestions {
  readonly exposeMetrics: (format: ExpositionFormat) => Promise<ExposedMetrics>;
  /** Whether the metrics want the token, too. */
  readonly areMetricsProtected: () => boolean;
  readonly receiver: NotifierReceiver;
  readonly faults: BodyFaults;
  /** The built dashboard; none where it was not built. */
  readonly dashboard: readonly DashboardFile[];
}

export interface RouteOptions {
  readonly version: string;
  readonly events: EventHubOptions;
}

/** Every path of the server. A new one is a row here and a file of its own. */
export function createRoutes(deps: RouteDeps, { version, events }: RouteOptions): readonly Route[] {
  const api = [
    overviewRoute(deps),
    groupsRoute(deps),
    groupRoute(deps),
    trafficRoute(deps),
    machineRoute(deps),
    eventsRoute(deps, events),
  ];
  return [
    ...healthRoutes(deps, version),
    metricsRoute(deps.exposeMetrics, deps.areMetricsProtected),
    notifierRoute(deps.receiver, deps.faults),
    ...api,
    documentRoute(version, api),
    ...dashboardRoutes(deps.dashboard),
  ];
}
