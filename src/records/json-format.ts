import { cleanNamePart } from './clean-text.ts';
import type { LineFormat } from './line-format.ts';
import { jsonTag } from './shown-text.ts';

/**
 * One JSON object a line:
 * `{"name","family","value","timestamp","source","tags":{…}}`, timestamp in epoch seconds.
 */
export const jsonFormat: LineFormat = {
  // A clean name holds nothing that JSON would escape.
  beforeName: '{"name":"',
  mustCut: () => false,
  namePart: cleanNamePart,
  afterName: ({ family }) => `","family":"${family}","value":`,
  between: ',"timestamp":',
  tail({ source, tags }) {
    const pairs = tags.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(jsonTag(key, value))}`);
    return `,"source":${JSON.stringify(jsonTag('source', source))},"tags":{${pairs.join(',')}}}`;
  },
};
