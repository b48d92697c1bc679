/** A process of its own that answers for Burrow: started by the runner with the load as its one argument. */
import type { Answer } from '../../src/simulator/answer.ts';
import { answerWith, createBurrowHttp } from '../../src/simulator/burrow-http.ts';
import { answerAsks } from '../measure/child-end.ts';
import { createLagAnswers } from './lag-answers.ts';
import { createLatenessBook } from './lateness.ts';
import { CLUSTER, groupName, groupOfLagPath, type LoadOptions } from './load-options.ts';
import type { PollTimes, StandInAsk, StandInCount } from './stand-in-asks.ts';

const load = JSON.parse(process.argv[2] ?? '') as LoadOptions;
const answers = createLagAnswers(load, Date.now());
const rounds = new Uint32Array(load.groups);
let lateness: ReturnType<typeof createLatenessBook> | null = null;
let polls = 0;
let polledGroups = new Set<number>();

const json = (facts: object): Answer => ({
  status: 200,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify({ error: false, message: 'list returned', ...facts })),
});
const clusters = json({ clusters: [CLUSTER] });
const topics = json({ topics: [] });
const consumers = json({ consumers: Array.from({ length: load.groups }, (_, group) => groupName(group)) });
const unknown: Answer = { status: 404, contentType: 'text/plain', body: 'not found' };

function answer(_method: string, path: string): Answer {
  const group = groupOfLagPath(path);
  const round = rounds[group];
  if (round !== undefined) {
    const nowMs = Date.now();
    rounds[group] = round + 1;
    polls += 1;
    polledGroups.add(group);
    lateness?.note(group, nowMs);
    return { status: 200, contentType: 'application/json', body: answers.make(group, round, nowMs) };
  }
  if (path === '/v3/kafka') return clusters;
  if (path === `/v3/kafka/${CLUSTER}/consumer`) return consumers;
  if (path === `/v3/kafka/${CLUSTER}/topic`) return topics;
  return unknown;
}

const burrow = createBurrowHttp(answerWith(answer), { port: 0, host: '127.0.0.1' });
await burrow.start(new AbortController().signal);

answerAsks((asked): string | StandInCount | PollTimes | null => {
  const ask = asked as StandInAsk;
  switch (ask.kind) {
    case 'url':
      return burrow.url;
    case 'count': {
      const { user, system } = process.cpuUsage();
      return {
        polls,
        polledGroups: polledGroups.size,
        bytesPerPoll: answers.bytes,
        cpuMicros: user + system,
      };
    }
    case 'begin round':
      polledGroups = new Set();
      return null;
    case 'watch times':
      lateness = createLatenessBook(load.groups, ask.intervalMs);
      return null;
    case 'times':
      return lateness?.times() ?? null;
  }
});
