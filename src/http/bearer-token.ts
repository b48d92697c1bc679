import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Returns a check of an `Authorization` header against one token. It takes the same time whatever the header
 * is like, so that the token cannot be guessed piece by piece.
 */
export function createBearerCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const given = /^bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1];
    return timingSafeEqual(digest(given ?? ''), expected) && given !== undefined;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
