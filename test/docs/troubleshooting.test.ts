import { pino } from 'pino';
import { errors } from 'undici';
import { describe, expect, test } from 'vitest';
import { describeDifference } from '../../src/burrow/differing-lists.ts';
import { judgeAnswer, judgeBody } from '../../src/burrow/judge-answer.ts';
import type { Outcome } from '../../src/burrow/outcome.ts';
import { deadlinePassed, judgeFailure } from '../../src/burrow/request-failure.ts';
import { HEALTH_PARTS, judgeHealth } from '../../src/http/health.ts';
import type { HealthInputs } from '../../src/http/health-inputs.ts';
import { judgeLive, judgeReady } from '../../src/http/probes.ts';
import { createLedgerCondition } from '../../src/ledger/kafka/ledger-condition.ts';
import { createLevelLedger } from '../../src/ledger/level-ledger.ts';
import {
  createDiskReport,
  createDropReport,
  createRefusalReport,
  type DiskReport,
} from '../../src/outbox/outbox-reports.ts';
import { systemScheduler } from '../../src/platform/clock.ts';
import type { Condition } from '../../src/platform/condition-tracker.ts';
import { StoreFault } from '../../src/store/store.ts';
import { SINK_KINDS } from '../../src/sinks/sink-kinds.ts';
import { LIMITS, NOW_MS, WELL } from '../http/serve.ts';
import { headingsOf } from './markdown.ts';
import { readText } from './pages.ts';

const page = readText('docs/troubleshooting.md');

/** What stands under a heading of the page, up to the next heading of its depth or above. */
function sectionOf(heading: string): string {
  const [depth = ''] = /^#+/.exec(heading) ?? [];
  const [, rest = ''] = page.split(`${heading}\n`);
  return rest.split(new RegExp(`^#{1,${depth.length}} `, 'm'))[0] ?? '';
}

/** The part of a reason that is always the same: figures but 0 become `…`, and what follows is left out. */
function beginningOf(reason: string): string {
  return reason.replace(/(?!0\b)\d+(?:[.,]\d+)*/g, '…').split(/ \(|[:;]/)[0] ?? '';
}

const QUIET = { acceptedEvents: 0, invalidBodies: 0, lastEventMs: null };
const deps = { clock: { nowMs: () => NOW_MS }, log: pino({ level: 'silent' }) };

function silentBurrow(about: string): Pick<HealthInputs, 'burrows'> {
  const silence = { durationMs: LIMITS.burrowSilentMs, about };
  return {
    burrows: [{ name: 'b', lastOkMs: null, lastSampleMs: null, lastError: null, sinceMs: 0, silence }],
  };
}

function reasonOf(outcome: Outcome<unknown>): string {
  return 'reason' in outcome ? outcome.reason : 'no reason';
}

/** What can be wrong with an answer of Burrow, or with the way to it: every code that is known, and every kind of status. */
function burrowReasons(): readonly string[] {
  const bounds = { timeoutMs: 10_000, maxAnswerBytes: 64 };
  const codes = [...readText('src/burrow/request-failure.ts').matchAll(/^ +case '(\w+)':/gm)];
  // Only this process itself closes a client.
  const failures = codes
    .flatMap(([, code = '']) => (/DESTROYED|CLOSED/.test(code) ? [] : code))
    .concat('EHOSTUNREACH')
    .map((code) => judgeFailure(Object.assign(new Error(''), { code }), bounds));
  const statuses = [301, 400, 401, 403, 404, 408, 429, 500, 502];
  const outcomes: readonly Outcome<unknown>[] = [
    ...failures,
    judgeFailure(new errors.HTTPParserError(''), bounds),
    judgeFailure(new Error(''), bounds),
    deadlinePassed(bounds),
    ...statuses.map((status) => judgeAnswer(status, '', String)),
    judgeAnswer(200, '{"error":true}', String),
    judgeAnswer(200, '[]', String),
    ...['', '<html></html>', '<?xml version="1.0"?>', '\u001f\u008b'].map((body) =>
      judgeBody(200, Buffer.from(body, 'latin1'), {}, String),
    ),
  ];
  return [...new Set(outcomes.map(reasonOf))];
}

/** What begins so, where `…` stands for anything. */
function patternOf(beginning: string): RegExp {
  const parts = beginning.split('…').map((part) => part.replace(/[.*+?()[\]{}|^$]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}`);
}

function faultyOutbox(condition: Condition): Pick<HealthInputs, 'outbox'> {
  return { outbox: { ...WELL.outbox, condition } };
}

function full(): Condition {
  const drops = createDropReport(deps, { remedy: 'outbox.memory' });
  drops.dropped(3);
  return drops.condition();
}

function refused(): Condition {
  const refusals = createRefusalReport(deps);
  refusals.refused({ samples: 1, zeroBounds: 0 }, 'too old');
  return refusals.condition();
}

function onDisk(report: (disk: DiskReport) => void): Condition {
  const disk = createDiskReport(deps, { path: '/spool' });
  report(disk);
  return disk.condition();
}

function faultyLedger(): Condition {
  const ledger = createLedgerCondition(
    { ...deps, isLeftBehind: () => false },
    { brokers: ['b:9092'], topic: 't' },
  );
  ledger.failed('writing');
  return ledger.current();
}

/** One in a folder that cannot be opened. */
async function faultyLevelLedger(): Promise<Condition> {
  const openStore = (): Promise<never> => Promise.reject(new StoreFault('full', '/ledger: full'));
  const ledger = createLevelLedger({ ...deps, openStore, scheduler: systemScheduler }, { path: '/ledger' });
  await ledger.readKeys(new AbortController().signal);
  return ledger.condition();
}

const NAMESAKES = { cluster: 'c', server: '1', groups: 5, other: '2', otherGroups: 7 };
const UNSENT = {
  ...WELL.outbox,
  waitingSamples: 1,
  silentMs: LIMITS.sinkSilentMs,
  unansweredMs: LIMITS.sinkSilentMs,
};

/** Everything that can be wrong by the health check's own words, and the part that it is about. */
const ills: readonly (readonly [part: (typeof HEALTH_PARTS)[number], inputs: Partial<HealthInputs>])[] = [
  ['burrow', silentBurrow('all')],
  ['burrow', silentBurrow('groups')],
  ['cluster', { namesakes: [{ cluster: 'c', reason: describeDifference(NAMESAKES) }] }],
  ['group limit', { groupLimit: { maxGroups: 20, leftOutGroups: 7 } }],
  ['outbox', { outbox: { ...WELL.outbox, lastDropMs: NOW_MS - 5000 } }],
  ['outbox', faultyOutbox(full())],
  ['outbox', faultyOutbox(refused())],
  ['outbox', faultyOutbox(onDisk((disk) => disk.faulty(new StoreFault('full', '/spool: full'))))],
  ['outbox', faultyOutbox(onDisk((disk) => disk.movedAside('/aside', null)))],
  ['outbox', faultyOutbox(onDisk((disk) => disk.unreadable({ samples: 1, records: 3, bytes: 200 })))],
  ['sink', { outbox: UNSENT }],
  ['ledger', { ledger: faultyLedger() }],
  ['ledger', { ledger: await faultyLevelLedger() }],
  ['clock', { clockAheadMs: 90_000 }],
];

describe('given the page for troubleshooting', () => {
  test('when its sections of health are listed, then each part has one', () => {
    const parts = headingsOf(page).flatMap(({ text }) => /^The part (.*)$/.exec(text)?.[1] ?? []);
    expect(parts).toEqual(HEALTH_PARTS);
  });

  test.each(ills)('when the part %s is ill, then its section has the reason', (part, inputs) => {
    const { parts } = judgeHealth({ ...WELL, ...inputs }, QUIET, LIMITS, NOW_MS);
    const report = parts.find(({ name }) => name.startsWith(part));
    const reason = beginningOf(report?.reason ?? 'no reason');
    expect(sectionOf(`### The part ${part}`)).toContain(reason.replace('about groups', 'about …'));
  });

  test.each(burrowReasons())('when the reason of a Burrow server is %j, then a row has it', (reason) => {
    const rows = sectionOf('### The part burrow')
      .split('\n')
      .filter((line) => line.includes('| degraded '));
    const beginnings = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)]);
    expect(beginnings.filter(([, beginning = '']) => patternOf(beginning).test(reason))).not.toEqual([]);
  });

  const answeredBefore = silentBurrow('all').burrows.map((burrow) => ({ ...burrow, lastOkMs: 1 }));
  test.each<[string, string, readonly string[]]>([
    ['not asking', 'live', judgeLive({ ...WELL, ...silentBurrow('all') }, LIMITS, NOW_MS).reasons],
    [
      'beside a silent Burrow',
      'live',
      judgeLive({ ...WELL, burrows: answeredBefore, isBurrowSupervised: true }, LIMITS, NOW_MS).reasons,
    ],
    ['not sending', 'live', judgeLive({ ...WELL, outbox: UNSENT }, LIMITS, NOW_MS).reasons],
    ['new', 'ready', judgeReady({ ...WELL, ...silentBurrow('all') }).reasons],
    [
      'without one of its Burrows',
      'ready',
      judgeReady({ ...WELL, burrows: [...WELL.burrows, ...silentBurrow('all').burrows] }).reasons,
    ],
    [
      'without a sink',
      'ready',
      judgeReady({ ...WELL, outbox: { ...UNSENT, lastAcknowledgedMs: null } }).reasons,
    ],
    ['starting', 'ready', judgeReady({ ...WELL, phase: 'starting' }).reasons],
    ['stopping', 'ready', judgeReady({ ...WELL, phase: 'stopping' }).reasons],
  ])('when the sidecar is %s, then the reason of /%s has a row', (_, question, reasons) => {
    expect(reasons).toHaveLength(1);
    const [reason = ''] = reasons.map(beginningOf);
    expect(sectionOf(`### Reasons of ${question}`)).toContain(`\`${reason.replace('sink kafka', 'sink …')}`);
  });

  const causes = [...new Set(Object.values(SINK_KINDS).flatMap(({ faultCauses }) => faultCauses))];
  test('when its faults of the sink are listed, then each cause of each destination has a row', () => {
    const rows = [...sectionOf('## Faults of the sink').matchAll(/^\| `(\w+)`/gm)].map(([, cause]) => cause);
    expect(rows.sort()).toEqual([...causes].sort());
  });

  test('when its tables are read, then no cell is empty', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    expect(
      rows.filter((row) =>
        row
          .split('|')
          .slice(1, -1)
          .some((cell) => cell.trim() === ''),
      ),
    ).toEqual([]);
  });
});
