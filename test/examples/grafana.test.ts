import { describe, expect, test } from 'vitest';
import { readDashboards, type Panel } from '../integration/support/dashboards.ts';
import { at, list, readYaml, tree } from './read-example.ts';

const dashboards = await readDashboards();

function overlaps(one: Panel, other: Panel): boolean {
  const [a, b] = [one.gridPos, other.gridPos];
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

describe('given the dashboards for Grafana', () => {
  test('when they are listed, then there is one of all groups, one of a group, and one of the sidecar', () => {
    expect([...dashboards.keys()]).toEqual(['group.json', 'overview.json', 'sidecar.json']);
    const uids = [...dashboards.values()].map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(uids.length);
  });

  test.each([...dashboards])(
    'when %s is laid out, then no panel covers another or is too wide',
    (_name, board) => {
      const { panels } = board;
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const [index, panel] of panels.entries()) {
        expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
        for (const other of panels.slice(index + 1)) {
          expect([panel.title, other.title, overlaps(panel, other)]).toEqual([
            panel.title,
            other.title,
            false,
          ]);
        }
      }
    },
  );

  test.each([...dashboards])('when %s asks, then only for the data source that is chosen', (_name, board) => {
    expect(board.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    for (const { type, targets = [] } of board.panels) expect(targets.length === 0).toBe(type === 'row');
  });
});

describe('given how Grafana is provisioned', () => {
  test('when it starts, then it finds Prometheus as the default and the dashboards in a folder', async () => {
    const [sources] = await readYaml('examples/grafana/provisioning/datasources/prometheus.yaml');
    expect(list(at(sources, 'datasources')).map(tree)).toEqual([
      expect.objectContaining({ type: 'prometheus', isDefault: true, url: 'http://prometheus:9090' }),
    ]);
    const [providers] = await readYaml('examples/grafana/provisioning/dashboards/burrow-rainbow.yaml');
    expect(list(at(providers, 'providers')).map(tree)).toEqual([
      expect.objectContaining({ type: 'file', options: { path: '/var/lib/grafana/dashboards' } }),
    ]);
  });
});
