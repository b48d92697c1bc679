import { cleanText } from './clean-text.ts';
import type { LineFormat } from './line-format.ts';

/**
 * Wavefront's data format: `name value timestamp source="…" key="value"…`, values quoted, quotes and
 * backslashes in them escaped with a backslash.
 * Source: https://docs.wavefront.com/wavefront_data_format.html
 */
export const wavefrontFormat: LineFormat = {
  beforeName: '',
  afterName: () => ' ',
  between: ' ',
  tail({ source, tags }) {
    let text = ` source=${quote(source)}`;
    for (const [key, value] of tags) text += ` ${key}=${quote(value)}`;
    return text;
  },
};

function quote(value: string): string {
  return `"${cleanText(value).replace(/["\\]/g, '\\$&')}"`;
}

/**
 * The same without quotes, as goRainbow wrote it. What would end a bare value or begin another tag (white space,
 * quotes, `=`) becomes `_`, as does a value that is empty.
 */
export const bareWavefrontFormat: LineFormat = {
  beforeName: '',
  afterName: () => ' ',
  between: ' ',
  tail({ source, tags }) {
    let text = ` source=${bareText(source)}`;
    for (const [key, value] of tags) text += ` ${key}=${bareText(value)}`;
    return text;
  },
};

/** A text as a value without quotes, see {@link bareWavefrontFormat}. */
export function bareText(value: string): string {
  return cleanText(value).replace(/[\s"'=\\]/gu, '_') || '_';
}
