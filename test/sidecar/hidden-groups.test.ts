import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { runCheck } from '../../src/commands/run-check.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { loadGood } from '../config/loading.ts';
import { faultsBy } from '../http/api/document-check.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { readExposition } from '../support/exposition.ts';
import { startSidecarOn } from '../support/started-sidecar.ts';

const HOSTILE = 'console-consumer-0"<script>\n';

test(
  'given groups that the default filter leaves out, when the sidecar runs or checks, then log, API, metrics and check say how many and which',
  { timeout: 60_000 },
  async () => {
    const { signal } = new AbortController();
    const burrow = createScriptedBurrow();
    const hidden = ['burrow-local', HOSTILE, ...[1, 2, 3, 4].map((number) => `console-consumer-${number}`)];
    for (const group of ['billing', ...hidden]) burrow.world.setGroup('prod', group);
    burrow.world.setGroup('plain', 'billing');
    await burrow.start(signal);
    onTestFinished(() => burrow.stop(signal));

    const lines: { msg: string; cluster?: string; hidden?: number; names?: string[] }[] = [];
    const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line) as never) });
    const told = () => lines.filter(({ msg }) => msg.includes('left out by discovery.groups'));
    const { url } = await startSidecarOn(burrow.url, ['discovery.interval=200ms', 'poll.interval=1s'], {
      log,
    });
    const discoveries = async (count: number): Promise<void> => {
      const path = '/v3/kafka/prod/consumer';
      const until = burrow.requests.of(path) + count;
      await pollUntil(() => (burrow.requests.of(path) >= until ? true : undefined), {
        what: `${count} discoveries`,
        withinMs: 30_000,
      });
    };
    await discoveries(5);
    const names = ['burrow-local', HOSTILE, 'console-consumer-1', 'console-consumer-2', 'console-consumer-3'];
    expect(told()).toMatchObject([{ cluster: 'prod', hidden: 6, names }]);

    const overview = (await (await fetch(`${url}/api/overview`)).json()) as { clusters: unknown[] };
    expect(faultsBy('Overview', overview)).toEqual([]);
    expect(overview.clusters).toMatchObject([
      { name: 'plain', groups: 1, hiddenGroups: { total: 0, names: [] } },
      { name: 'prod', groups: 1, hiddenGroups: { total: 6, names } },
    ]);
    const metrics = async (): Promise<string[]> =>
      readExposition(await (await fetch(`${url}/metrics`)).text())
        .filter(({ name }) => name === 'burrow_rainbow_hidden_groups')
        .map(({ labels, value }) => `${labels.get('cluster') ?? ''} ${value}`);
    expect((await metrics()).sort()).toEqual(['plain 0', 'prod 6']);

    const findings: string[] = [];
    const configuration = loadGood({ set: ['sink.type=stdout', `burrow.servers=${burrow.url}`] });
    const deps = { clock: systemClock, scheduler: systemScheduler, log: pino({ level: 'silent' }) };
    for await (const finding of runCheck(configuration, { ...deps, asking: () => undefined }, signal)) {
      findings.push(`${finding.subject}: ${finding.message}`);
    }
    expect(findings).toContain('cluster plain: 1 group, 0 topics');
    expect(findings).toContain('cluster prod: 7 groups, 0 topics');
    expect(findings).toContain(
      `cluster prod: discovery.groups leaves out 6 of 7 groups, which are not followed: ${names.join(', ')} and 1 more`,
    );

    // Another one of the same number is a change, too; no change is told twice.
    burrow.world.removeGroup('prod', 'burrow-local');
    burrow.world.setGroup('prod', 'console-consumer-5');
    await discoveries(5);
    expect(told().slice(1)).toMatchObject([
      { cluster: 'prod', hidden: 6, names: [HOSTILE, ...names.slice(2), 'console-consumer-4'] },
    ]);
    for (const group of [HOSTILE, ...[1, 2, 3, 4, 5].map((number) => `console-consumer-${number}`)]) {
      burrow.world.removeGroup('prod', group);
    }
    await discoveries(5);
    expect(told()).toHaveLength(3);
    expect((await metrics()).sort()).toEqual(['plain 0', 'prod 0']);
  },
);
