import { jsonFormat } from './json-format.ts';
import type { LineFormat } from './line-format.ts';
import { createNaming, type NamingName } from './naming/naming.ts';
import {
  createSampleEncoder,
  type GlobalTags,
  type OnShortened,
  type SampleEncoder,
} from './sample-encoder.ts';
import { jsonTag, wavefrontTag, type ShowTag } from './shown-text.ts';
import { bareWavefrontFormat, wavefrontFormat } from './wavefront-format.ts';

/** Which names and which wire format. */
export interface EncoderOptions extends GlobalTags {
  readonly prefix: string;
  readonly naming: NamingName;
  readonly format: 'wavefront' | 'json';
}

/** The encoder that a configuration asks for. */
export function createEncoder(options: EncoderOptions, onShortened?: OnShortened): SampleEncoder {
  const naming = createNaming(options.naming, options.prefix);
  const format = chooseFormat(options);
  return createSampleEncoder({ naming, format, ...(onShortened && { onShortened }) }, options);
}

/** What tags of these records show of a text. Two texts that come out the same tell no series apart. */
export function showTagIn({ format }: Pick<EncoderOptions, 'format'>): ShowTag {
  return format === 'json' ? jsonTag : wavefrontTag;
}

function chooseFormat({ format, naming }: EncoderOptions): LineFormat {
  if (format === 'json') return jsonFormat;
  return naming === 'gorainbow' ? bareWavefrontFormat : wavefrontFormat;
}
