import { readExposition } from '../../support/exposition.ts';

/** The sum of a metric of the sidecar at `url` over all label sets that hold these labels; 0 where there is none yet. */
export async function sumOfMetric(
  url: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return readExposition(text)
    .filter((series) => series.name === name)
    .filter((series) => Object.entries(labels).every(([key, value]) => series.labels.get(key) === value))
    .reduce((sum, { value }) => sum + value, 0);
}
