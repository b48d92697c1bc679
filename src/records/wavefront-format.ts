import type { LineFormat } from './line-format.ts';
import { isTooLongForTag, wavefrontNamePart, wavefrontTag } from './shown-text.ts';

/**
 * Wavefront's data format: `name value timestamp source="…" key="value"…`. Within quotes the one escape is `\"`: a
 * backslash anywhere else is one, to Wavefront's decoder as to Telegraf's parser.
 * Sources: https://docs.wavefront.com/wavefront_data_format.html, com.wavefront.ingester.StringParser
 */
export const wavefrontFormat: LineFormat = createWavefrontFormat(quote);

/**
 * The same with values bare, as goRainbow wrote them, except for those that are not read back so: to Telegraf's parser
 * a bare value has letters, digits and `-_./\,`, and Wavefront's decoder ends it at the next space, `=` or quote.
 */
export const bareWavefrontFormat: LineFormat = createWavefrontFormat((shown) =>
  /^[-_./\\,a-zA-Z0-9]+$/.test(shown) ? shown : quote(shown),
);

function createWavefrontFormat(write: (shown: string) => string): LineFormat {
  return {
    beforeName: '',
    mustCut: isTooLongForTag,
    namePart: wavefrontNamePart,
    afterName: () => ' ',
    between: ' ',
    tail({ source, tags }) {
      let text = '';
      for (const [key, value] of [['source', source] as const, ...tags]) {
        const shown = wavefrontTag(key, value);
        if (shown !== '') text += ` ${key}=${write(shown)}`;
      }
      return text;
    },
  };
}

function quote(shown: string): string {
  return `"${shown.replaceAll('"', '\\"')}"`;
}
