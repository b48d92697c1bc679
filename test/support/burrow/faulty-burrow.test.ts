import { describe, expect, test } from 'vitest';
import { createFaultyBurrow } from './faulty-burrow.ts';
import { getJson, running } from '../../simulator/running.ts';

describe('given a server that is handed its answers', () => {
  test('when a body is prebuilt, then its bytes are sent as they are, whole or cut', async () => {
    const body = Buffer.from('{"clusters":["ä"]}');
    const { url, faults } = await running(
      createFaultyBurrow({
        answer: () => ({ status: 200, contentType: 'application/json', body }),
      }),
    );
    expect(await getJson(`${url}/v3/kafka`)).toEqual({ clusters: ['ä'] });
    const response = await fetch(`${url}/v3/kafka`);
    expect(Number(response.headers.get('content-length'))).toBe(body.length);
    faults.set('', { kind: 'half' });
    await expect(getJson(`${url}/v3/kafka`)).rejects.toThrow();
  });
});
