import type { Socket } from 'node:net';
import type { Fault } from '../../support/burrow/faults.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
/** The beginning of a good answer, whatever it was asked for. */
const BEGINNING = '{"error":false,"message":"';
const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

/** Half of what the header promises, then the end of the connection. */
export const cutInHalf: Fault = {
  kind: 'socket',
  answer(socket) {
    socket.write(`${HEAD}Content-Length: 400\r\n\r\n${BEGINNING.padEnd(200, 'x')}`, () => socket.destroy());
  },
};

/** Bytes that are no HTTP at all. */
export const noHttp: Fault = {
  kind: 'socket',
  answer: (socket) => void socket.end(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x00, 0x0a, 0x0d])),
};

/** One byte a second, and so never an end. */
export const oneByteASecond: Fault = {
  kind: 'socket',
  answer(socket) {
    socket.write(`${HEAD}Content-Length: 400\r\n\r\n`);
    const timer = setInterval(() => socket.write('{'), 1000);
    socket.on('close', () => clearInterval(timer));
  },
};

/** So many megabytes of one string, as fast as they are taken; then the rest of a good answer. */
export function endlessString(megabytes: number): Fault {
  const end = '"}';
  return {
    kind: 'socket',
    answer(socket) {
      const length = BEGINNING.length + megabytes * MEGABYTE.length + end.length;
      socket.write(`${HEAD}Content-Length: ${length}\r\n\r\n${BEGINNING}`);
      writeTimes(socket, megabytes, () => socket.write(end));
    },
  };
}

function writeTimes(socket: Socket, times: number, then: () => void): void {
  if (socket.destroyed) return;
  if (times === 0) then();
  else socket.write(MEGABYTE, () => writeTimes(socket, times - 1, then));
}
