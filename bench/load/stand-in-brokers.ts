/** A process of its own that answers for Kafka brokers: started by the runner with their number as its one argument. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { RECORDS_PARTITIONS, RECORDS_TOPIC } from '../kafka/records-topic.ts';
import { answerAsks } from '../measure/child-end.ts';
import { createBrokerAnswers, type AnswerRequest } from './broker-answers.ts';
import { createBrokerTopics } from './broker-topics.ts';
import { requestsOf } from './kafka-wire.ts';
import type { AcknowledgedRecords, LedgerTraffic, StandInBrokersAsk } from './stand-in-brokers-asks.ts';

const HOST = '127.0.0.1';

const topics = createBrokerTopics({
  recordsTopic: RECORDS_TOPIC,
  recordsPartitions: RECORDS_PARTITIONS,
  // The sidecar's default.
  ledgerTopic: `${RECORDS_TOPIC}.spans`,
});

/** Answers the requests of one connection in their order, as brokers do. */
async function serve(socket: Socket, answer: AnswerRequest): Promise<void> {
  try {
    for await (const request of requestsOf(socket)) {
      const response = await answer(request);
      const length = Buffer.alloc(4);
      length.writeInt32BE(response.length);
      socket.write(Buffer.concat([length, response]));
    }
  } catch (error) {
    // A client may cut a connection; anything else is a request that the stand-in does not understand.
    if (socket.errored === null) throw error;
  }
}

const servers = Array.from({ length: Number(process.argv[2]) }, () => createServer({ noDelay: true }));
for (const server of servers) await once(server.listen(0, HOST), 'listening');
const addresses = servers.map((server) => ({ host: HOST, port: (server.address() as AddressInfo).port }));
const answer = createBrokerAnswers({ topics, addresses });
for (const server of servers) server.on('connection', (socket) => void serve(socket, answer));

answerAsks((asked): readonly string[] | AcknowledgedRecords | LedgerTraffic => {
  const ask = asked as StandInBrokersAsk;
  switch (ask.kind) {
    case 'addresses':
      return addresses.map(({ host, port }) => `${host}:${port}`);
    case 'records':
      return topics.acknowledged();
    case 'ledger':
      return topics.ledgerTraffic();
  }
});
