import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const place = z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) });
const source = z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const panel = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'table', 'timeseries', 'state-timeline']),
  title: z.string().min(1),
  gridPos: place,
  datasource: source.optional(),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), datasource: source })).optional(),
});
const variable = z.object({
  name: z.string(),
  type: z.enum(['datasource', 'query']),
  definition: z.string().optional(),
  includeAll: z.boolean().optional(),
});
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(panel),
});

export type Dashboard = z.output<typeof dashboard>;
export type Panel = z.output<typeof panel>;

const DIRECTORY = fileURLToPath(new URL('../../../examples/grafana/dashboards', import.meta.url));

/** The dashboards of the examples, by file name, with the parts of Grafana's model that matter here. */
export async function readDashboards(): Promise<ReadonlyMap<string, Dashboard>> {
  const names = (await readdir(DIRECTORY)).sort();
  const read = names.map(async (name): Promise<[string, Dashboard]> => {
    const text = await readFile(join(DIRECTORY, name), 'utf8');
    return [name, dashboard.parse(JSON.parse(text))];
  });
  return new Map(await Promise.all(read));
}

/** A query with its variables filled in, as Grafana does. Fails on one that is not given. */
export function fillIn(query: string, values: Readonly<Record<string, string>>): string {
  return query.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_all, braced: string | undefined, bare: string) => {
    const value = values[braced ?? bare];
    if (value === undefined) throw new Error(`the variable ${braced ?? bare} has no value: ${query}`);
    return value;
  });
}
