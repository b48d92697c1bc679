import { cleanText } from './clean-text.ts';
import { createGoRainbowNaming } from './gorainbow-naming.ts';
import { jsonFormat } from './json-format.ts';
import type { LineFormat } from './line-format.ts';
import { createRainbowNaming } from './rainbow-naming.ts';
import { createSampleEncoder, type GlobalTags, type SampleEncoder } from './sample-encoder.ts';
import { bareText, bareWavefrontFormat, wavefrontFormat } from './wavefront-format.ts';

/** Which names and which wire format. */
export interface EncoderOptions extends GlobalTags {
  readonly prefix: string;
  readonly naming: 'rainbow' | 'gorainbow';
  readonly format: 'wavefront' | 'json';
}

/** The encoder that a configuration asks for. */
export function createEncoder(options: EncoderOptions): SampleEncoder {
  const { prefix, naming } = options;
  return createSampleEncoder(
    naming === 'gorainbow' ? createGoRainbowNaming(prefix) : createRainbowNaming(prefix),
    chooseFormat(options),
    options,
  );
}

/** What the tags of these records make of a text. Two texts that come out the same tell no series apart. */
export function tagTextOf({
  format,
  naming,
}: Pick<EncoderOptions, 'format' | 'naming'>): (text: string) => string {
  return format === 'wavefront' && naming === 'gorainbow' ? bareText : cleanText;
}

function chooseFormat({ format, naming }: EncoderOptions): LineFormat {
  if (format === 'json') return jsonFormat;
  return naming === 'gorainbow' ? bareWavefrontFormat : wavefrontFormat;
}
