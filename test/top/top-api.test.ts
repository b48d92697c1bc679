import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTopApi } from '../../src/top/top-api.ts';
import { FIRST_STATE, groupsRequest } from '../../src/top/top-state.ts';
import { freePorts } from '../stack/free-port.ts';
import { listOf, overviewOf, rowOf } from './api-answers.ts';

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  return `http://127.0.0.1:${port}`;
}

function apiOf(url: string, token?: string, timeoutMs = 20_000) {
  return createTopApi({ url, timeoutMs, ...(token !== undefined && { token }) });
}

const forever = new AbortController().signal;
const REQUEST = groupsRequest(FIRST_STATE, 10);

describe('given a sidecar that answers', () => {
  test('when groups are asked for, then the query and the token are sent, and the list is read', async () => {
    const heard: unknown[] = [];
    const url = await serve((request, response) => {
      heard.push([request.url, request.headers.authorization]);
      response.end(JSON.stringify(listOf([rowOf('orders', 'a')])));
    });
    const request = { ...REQUEST, statuses: ['ERR', 'WARN'], cluster: 'a b', search: 'x&y' };
    expect(await apiOf(url, 'secret').groups(request, forever)).toMatchObject({ total: 1 });
    expect(heard).toEqual([
      [
        '/api/groups?sort=worst&order=desc&offset=0&limit=210&status=ERR%2CWARN&cluster=a+b&search=x%26y',
        'Bearer secret',
      ],
    ]);
  });

  test('when a group has a name that a path could not carry, then it is one segment', async () => {
    let path = '';
    const url = await serve((request, response) => {
      path = request.url ?? '';
      response.statusCode = 404;
      response.end(JSON.stringify({ error: 'Not Found', message: 'no such group' }));
    });
    await expect(apiOf(url).group('a/b', 'c?d#e', forever)).rejects.toMatchObject({
      code: 'API_UNKNOWN_GROUP',
    });
    expect(path).toBe('/api/groups/a%2Fb/c%3Fd%23e');
  });

  test('when a newer sidecar sends more fields, then they are ignored', async () => {
    const url = await serve((_, response) => {
      response.end(JSON.stringify({ ...overviewOf(['orders'], 2), moon: 'full' }));
    });
    expect(await apiOf(url).overview(forever)).toMatchObject({ version: '1.2.3' });
  });
});

describe('given a server with wrong answers', () => {
  test.each([
    ['refuses', 401, '{"error":"Unauthorized","message":"token"}', 'it needs a token: give --token-file'],
    ['is overloaded', 503, '{"error":"Service Unavailable","message":"busy"}', 'it answers 503: busy'],
    ['is something else', 404, '<h1>no</h1>', 'it answers 404: is it a burrow-rainbow?'],
    [
      'has its API elsewhere',
      404,
      '{"error":"Not Found","message":"there is nothing at this path"}',
      'it has no API at this URL: give --url without a path, unless a proxy needs one',
    ],
    ['is a web page', 200, '<h1>hello</h1>', 'its answer is no JSON: is it a burrow-rainbow?'],
    [
      'is of another kind',
      200,
      '{"clusters":[]}',
      'its answer does not fit the API of this version of burrow-rainbow',
    ],
  ])('when it %s, then the fault says so', async (_, status, body, message) => {
    const url = await serve((_request, response) => {
      response.statusCode = status;
      response.end(body);
    });
    await expect(apiOf(url).overview(forever)).rejects.toMatchObject({ code: 'API_FAILED', message });
  });

  test('when the token is wrong, then the message says so', async () => {
    const url = await serve((_, response) => {
      response.statusCode = 401;
      response.end('{}');
    });
    await expect(apiOf(url, 'old').overview(forever)).rejects.toThrow('it refuses the token');
  });

  test('when it hangs, before or within the answer, then the message says so after the deadline', async () => {
    const silent = await serve(() => undefined);
    await expect(apiOf(silent, undefined, 300).overview(forever)).rejects.toThrow('no answer within 0.3 s');
    const halting = await serve((_, response) => void response.write('{'));
    await expect(apiOf(halting, undefined, 300).overview(forever)).rejects.toThrow('no answer within 0.3 s');
  });

  test('when nothing listens, the connection is cut or the host is unknown, then the message says which', async () => {
    const [port = 0] = await freePorts(1);
    await expect(apiOf(`http://127.0.0.1:${port}`).overview(forever)).rejects.toThrow(
      'nothing listens there',
    );
    const cutting = await serve((request) => request.socket.destroy());
    await expect(apiOf(cutting).overview(forever)).rejects.toThrow('the connection was cut');
    await expect(apiOf('http://no-such-host.invalid').overview(forever)).rejects.toThrow(
      /^no such host$|^the host name cannot be looked up now$|^no answer within/,
    );
  });
});
