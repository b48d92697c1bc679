import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { lagAnswer, partition } from '../burrow/burrow-bodies.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { readExposition } from '../support/exposition.ts';
import { startSidecarOn } from '../support/started-sidecar.ts';

test(
  'given a name too long for a tag, topics that look alike and a wrong total, when the sidecar polls on, then each is counted and told once',
  { timeout: 60_000 },
  async () => {
    const { signal } = new AbortController();
    const burrow = createScriptedBurrow();
    const long = 'g'.repeat(300);
    burrow.world.setLag('prod', long, 'orders', 0, { lagRecords: 5 });
    for (const topic of ['t\n', 't_']) burrow.world.setLag('prod', 'alike', topic, 0, { lagRecords: 5 });
    burrow.world.setGroup('prod', 'billing');
    const body = JSON.stringify(lagAnswer([partition({ current_lag: 7 })], { totallag: 500 }));
    burrow.faults.set('/v3/kafka/prod/consumer/billing/lag', { kind: 'answer', status: 200, body });
    await burrow.start(signal);
    onTestFinished(() => burrow.stop(signal));

    const lines: { msg: string }[] = [];
    const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line) as never) });
    const { url } = await startSidecarOn(burrow.url, ['discovery.interval=200ms', 'poll.interval=200ms'], {
      log,
    });
    const count = async (kind: string): Promise<number> => {
      const exposed = readExposition(await (await fetch(`${url}/metrics`)).text());
      const isKind = (labels: ReadonlyMap<string, string>): boolean =>
        labels.get('kind') === kind && labels.get('cluster') === 'prod';
      return (
        exposed.find(({ name, labels }) => name === 'burrow_rainbow_exceptions_total' && isKind(labels))
          ?.value ?? 0
      );
    };
    await pollUntil(async () => ((await count('totalMismatch')) >= 3 ? true : undefined), {
      what: 'three polls of each group',
      withinMs: 30_000,
    });
    await pollUntil(async () => ((await count('nameShortened')) > 0 ? true : undefined), {
      what: 'the first record of the long group',
      withinMs: 30_000,
    });
    expect([await count('nameShortened'), await count('ambiguousName')]).toEqual([1, 1]);
    const told = (part: string): object[] => lines.filter(({ msg }) => msg.includes(part));
    const mismatch = { cluster: 'prod', group: 'billing', burrowRecords: 500, sumRecords: 7 };
    expect(told('is not the sum of its partitions')).toMatchObject([mismatch]);
    expect(told('longer than a tag')).toMatchObject([{ cluster: 'prod', tag: 'consumer', characters: 300 }]);
    expect(told('no record can tell from another one')).toMatchObject([{ cluster: 'prod', group: 'alike' }]);
  },
);
