import type { ServerResponse } from 'node:http';
import { type Scheduler, systemScheduler } from '../../../src/platform/clock.ts';
import type { Answer, AnswerSource } from '../../../src/simulator/answer.ts';
import {
  createBurrowHttp,
  pathOf,
  sendAnswer,
  writeHead,
  type BurrowHttp,
  type BurrowHttpOptions,
  type RequestHandler,
} from '../../../src/simulator/burrow-http.ts';
import { createFaultTable, type Faults } from './faults.ts';
import { createRequestCounter, type RequestLog } from './request-log.ts';

export interface FaultyBurrowDeps {
  readonly answer: AnswerSource;
  /** For answers that a fault delays. Default: the system's. */
  readonly scheduler?: Scheduler;
}

/** A server that answers like Burrow, counts what it is asked, and fails on demand. */
export interface FaultyBurrow extends BurrowHttp {
  readonly faults: Faults;
  readonly requests: RequestLog;
}

/** See {@link createBurrowHttp}. Default: a free port of 127.0.0.1. */
export function createFaultyBurrow(
  { answer, scheduler = systemScheduler }: FaultyBurrowDeps,
  options: Partial<BurrowHttpOptions> = {},
): FaultyBurrow {
  const faults = createFaultTable();
  const requests = createRequestCounter();
  const cancels = new Set<() => void>();

  const handle: RequestHandler = (request, response) => {
    const method = request.method ?? 'GET';
    const path = pathOf(request);
    requests.add(method, path, request.headers);
    const fault = faults.take(path.replace(/\/$/u, ''));
    const truth = (): Answer => answer(method, path, 'normal');
    switch (fault?.kind) {
      case undefined:
        sendAnswer(response, truth());
        break;
      case 'answer':
        sendAnswer(response, { contentType: 'application/json', ...fault });
        break;
      case 'empty':
        sendAnswer(response, answer(method, path, 'warming-up'));
        break;
      case 'delay':
        sendLater(response, truth, fault.delayMs);
        break;
      case 'half':
        sendHalf(response, truth());
        break;
      case 'reset':
        request.socket.destroy();
        break;
      case 'socket':
        fault.answer(request.socket);
        break;
      case 'hang':
        break;
    }
  };

  function sendLater(response: ServerResponse, truth: () => Answer, delayMs: number): void {
    const cancel = scheduler.after(delayMs, () => {
      cancels.delete(cancel);
      sendAnswer(response, truth());
    });
    cancels.add(cancel);
  }

  const server = createBurrowHttp(handle, { port: 0, host: '127.0.0.1', ...options });
  return {
    name: server.name,
    faults,
    requests,
    get url() {
      return server.url;
    },
    start: (signal) => server.start(signal),
    async stop(signal) {
      for (const cancel of cancels) cancel();
      cancels.clear();
      await server.stop(signal);
    },
  };
}

function sendHalf(response: ServerResponse, answer: Answer): void {
  writeHead(response, answer);
  const bytes = Buffer.from(answer.body);
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroy());
}
