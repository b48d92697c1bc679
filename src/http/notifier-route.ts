import { refuse } from './answer.ts';
import { clientOf } from './guards.ts';
import type { NotifierReceiver } from './notifier-receiver.ts';
import type { Route } from './route.ts';

/** Told of bodies that are refused and of the next good one, to log the first and the last of a row. */
export interface BodyFaults {
  failed(key: 'notifierBody', facts: object): void;
  recovered(key: 'notifierBody'): void;
}

/** Where Burrow's HTTP notifier sends what it sees; the second path is the one of goRainbow. */
export function notifierRoute(receiver: NotifierReceiver, faults: BodyFaults): Route {
  return {
    paths: ['/notifier', '/rainbow/lag'],
    methods: ['POST', 'PUT', 'DELETE'],
    handle(request, reply) {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const receipt = receiver.receive(body, request.method);
      switch (receipt.kind) {
        case 'accepted': {
          faults.recovered('notifierBody');
          const { accepted, woken, deferred } = receipt;
          return reply.code(202).send({ accepted, woken, deferred });
        }
        case 'ignored':
          return reply.code(202).send({ ignored: 'poll.push is off' });
        case 'invalid':
          faults.failed('notifierBody', { from: clientOf(request), faults: receipt.faults });
          return refuse(reply, 400, 'the body is no event of a Burrow notifier', { faults: receipt.faults });
      }
    },
  };
}
