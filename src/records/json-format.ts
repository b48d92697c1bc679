import { cleanText } from './clean-text.ts';
import type { LineFormat } from './line-format.ts';

/**
 * One JSON object a line:
 * `{"name","family","value","timestamp","source","tags":{…}}`, timestamp in epoch seconds.
 */
export const jsonFormat: LineFormat = {
  // A clean name holds nothing that JSON would escape.
  beforeName: '{"name":"',
  afterName: ({ family }) => `","family":"${family}","value":`,
  between: ',"timestamp":',
  tail({ source, tags }) {
    const pairs = tags.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(cleanText(value))}`);
    return `,"source":${JSON.stringify(cleanText(source))},"tags":{${pairs.join(',')}}}`;
  },
};
