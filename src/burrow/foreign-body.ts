/** Header fields of an answer as undici gives them: lower-case names. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

const OPENING_BRACE = 0x7b;

/** So much of a page is looked at; what a page is shows at its beginning. */
const LOOKED_AT_BYTES = 4096;
const MOST_TITLE_CHARACTERS = 60;

const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'Brotli'],
  ['zstd', 'Zstandard'],
]);

/** What came instead of Burrow's JSON. */
export interface ForeignBody {
  readonly kind: 'compressed' | 'page' | 'empty';
  /** What it is, for a sentence that says so. */
  readonly shown: string;
}

/**
 * What an answer is that is none of Burrow's: compressed though nobody asked for that, a page, or empty. Null where it
 * may be JSON. It names the content type and the title of a page, as far as those are short plain words:
 * whatever comes goes to the log and to pages.
 */
export function describeForeignBody(body: Buffer, headers: AnswerHeaders): ForeignBody | null {
  if (body[0] === OPENING_BRACE) return null;
  const encoding = compressionOf(body, headers);
  if (encoding !== null) {
    return { kind: 'compressed', shown: `a ${encoding}-compressed body, though none was asked for` };
  }
  const beginning = body.toString('latin1', 0, LOOKED_AT_BYTES);
  const text = beginning.replace(/^(?:\u00ef\u00bb\u00bf)?\s+|^\u00ef\u00bb\u00bf/, '');
  if (text === '' && body.length <= LOOKED_AT_BYTES) return { kind: 'empty', shown: 'empty' };
  if (!text.startsWith('<')) return null;
  const type = contentTypeOf(headers);
  const shownType = type === null ? '' : `, content-type ${type}`;
  if (/^<\?xml[^>]*>\s*(?!<(?:!doctype )?html)/i.test(text)) {
    return { kind: 'page', shown: `an XML document${shownType}` };
  }
  const title = titleOf(text);
  const shownTitle = title === '' ? '' : ` titled "${title}"`;
  return { kind: 'page', shown: `an HTML page${shownTitle}${shownType}` };
}

function compressionOf(body: Buffer, headers: AnswerHeaders): string | null {
  const given = firstOf(headers['content-encoding']).trim().toLowerCase();
  if (given !== '' && given !== 'identity') return ENCODINGS.get(given) ?? 'strangely';
  // Some proxies do not even say so.
  if (body[0] === 0x1f && body[1] === 0x8b) return 'gzip';
  if (body[0] === 0x28 && body[1] === 0xb5 && body[2] === 0x2f && body[3] === 0xfd) return 'Zstandard';
  return null;
}

/** Without parameters; null where it is none. */
function contentTypeOf(headers: AnswerHeaders): string | null {
  return (
    /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,60}(?=$|[;\s])/i.exec(firstOf(headers['content-type']))?.[0] ?? null
  );
}

function titleOf(page: string): string {
  const title = /<title(?: [^<>]{0,200})?>([^<]{0,400})/i.exec(page)?.[1] ?? '';
  const plain = title
    .replace(/[^A-Za-z0-9 .,:;!?'()/_-]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return plain.length > MOST_TITLE_CHARACTERS ? `${plain.slice(0, MOST_TITLE_CHARACTERS)}…` : plain;
}

function firstOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
