import { createRequire } from 'node:module';

/** kafkajs's reader of requests. */
export interface Decoder {
  readInt8(): number;
  readInt16(): number;
  readInt32(): number;
  readInt64(): bigint;
  readString(): string | null;
  readBytes(): Buffer | null;
  /** Empty where the array is null. */
  readArray<T>(read: (decoder: Decoder) => T): T[];
}

/** kafkajs's writer of responses. */
export interface Encoder {
  readonly buffer: Buffer;
  writeInt16(number: number): Encoder;
  writeInt32(number: number): Encoder;
  writeInt64(number: number): Encoder;
  writeBoolean(value: boolean): Encoder;
  writeString(text: string | null): Encoder;
  writeBytes(bytes: Buffer): Encoder;
  writeEncoder(encoder: Encoder): Encoder;
  writeArray(items: readonly (Encoder | number)[]): Encoder;
}

const load = createRequire(import.meta.url);
const DecoderClass = load('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => Decoder;
const EncoderClass = load('kafkajs/src/protocol/encoder.js') as new () => Encoder;

export function decode(bytes: Buffer): Decoder {
  return new DecoderClass(bytes);
}

export function encode(): Encoder {
  return new EncoderClass();
}

/** Requests of one connection, without their lengths. */
export async function* requestsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE()) {
      const end = 4 + rest.readInt32BE();
      yield rest.subarray(4, end);
      rest = rest.subarray(end);
    }
  }
}
