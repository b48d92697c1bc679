import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

import type { Judge } from './judge.ts';
import { resolveSecret } from './resolve-secrets.ts';
import type { SettingPath } from './setting.ts';

/** Absolute paths of PEM files. When the configuration was loaded they could be used, and belonged together. */
export interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  /** Present when and only when `certFile` is. */
  readonly keyFile?: string;
  /** What decrypts the key, where that is encrypted. */
  readonly keyPassphrase?: string;
}

/** How to speak TLS to a server. Without `caFile`: Node's own authorities. */
export interface TlsClient extends TlsFiles {
  /** Asked for, and looked for in the certificate, instead of the host that is connected to. */
  readonly serverName?: string;
  /** False: any name in a certificate of a trusted authority will do. */
  readonly verifyHostname: boolean;
}

/** TLS files as the schema gives them. */
export interface GivenTlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly keyPassphraseFile?: string | undefined;
}

/** What the schema gives where we are the client. */
export interface GivenTlsClient extends GivenTlsFiles {
  readonly serverName?: string | undefined;
  readonly verifyHostname: boolean;
}

const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const CERTIFICATE_BEGIN = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY-----/;
/** Of PKCS #8, and of the older kind. */
const ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4,ENCRYPTED/m;

/**
 * Absolute paths of the files that are set, tried as a connection would use them. Reports files that hold something
 * else, a key that cannot be decrypted, and a certificate and a key that do not belong together.
 */
export function resolveTlsFiles(judge: Judge, path: SettingPath, given: GivenTlsFiles): TlsFiles {
  const at = (name: keyof GivenTlsFiles): SettingPath => [...path, name];
  if (given.certFile !== undefined && given.keyFile === undefined) {
    judge.report(at('certFile'), 'needs its key', 'set keyFile too', at('keyFile'));
  }
  if (given.keyFile !== undefined && given.certFile === undefined) {
    judge.report(at('keyFile'), 'needs its certificate', 'set certFile too', at('certFile'));
  }
  if (given.keyPassphraseFile !== undefined && given.keyFile === undefined) {
    judge.report(at('keyPassphraseFile'), 'is not used without keyFile', 'set keyFile, or remove it');
  }
  const keyPassphrase = resolveSecret(judge, [...path, 'keyPassphrase'], undefined, given.keyPassphraseFile);
  const cert = readCertificates(judge, at('certFile'), given.certFile);
  const key = readKey(judge, path, given, keyPassphrase);
  if (cert !== null && key !== null && checkPair(judge, path, cert.certificates, key.key)) {
    tryAsTlsWould(judge, at('certFile'), { cert: cert.text, key: key.text, passphrase: keyPassphrase });
  }
  const caFile = resolveCaFile(judge, at('caFile'), given.caFile);
  return {
    ...located(judge, path, 'certFile', given.certFile),
    ...located(judge, path, 'keyFile', given.keyFile),
    ...(caFile !== undefined && { caFile }),
    ...(keyPassphrase !== undefined && { keyPassphrase }),
  };
}

/** Absolute path of a file of authorities, where one is set. Reports one that cannot be used. */
export function resolveCaFile(judge: Judge, path: SettingPath, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const ca = readCertificates(judge, path, file);
  if (ca !== null) tryAsTlsWould(judge, path, { ca: ca.text });
  return judge.locate(path, file);
}

/** {@link resolveTlsFiles} where we are the client; reports a server name that no handshake can carry, too. */
export function resolveTlsClient(judge: Judge, path: SettingPath, given: GivenTlsClient): TlsClient {
  const { serverName, verifyHostname } = given;
  if (serverName !== undefined && (isIP(serverName) !== 0 || !/^[A-Za-z0-9._-]{1,253}$/.test(serverName))) {
    const rule = 'must be a host name, and no address';
    judge.report([...path, 'serverName'], rule, 'take one of those in the certificate of the server');
  }
  return {
    ...resolveTlsFiles(judge, path, given),
    ...(serverName !== undefined && { serverName }),
    verifyHostname,
  };
}

/** {@link resolveTlsClient} of a section that has to switch TLS on; null: no TLS. */
export function resolveTlsSection(
  judge: Judge,
  path: SettingPath,
  given: GivenTlsClient & { readonly enabled: boolean },
): TlsClient | null {
  const tls = resolveTlsClient(judge, path, given);
  if (given.enabled) return tls;
  if (isTlsSet(given)) {
    const section = path.join('.');
    judge.report(
      [...path, 'enabled'],
      `must be true where the rest of ${section} is set`,
      `set ${section}.enabled: true`,
    );
  }
  return null;
}

/** Whether anything is set that a connection without TLS would ignore. */
export function isTlsSet(given: GivenTlsFiles & Partial<GivenTlsClient>): boolean {
  const { caFile, certFile, keyFile, keyPassphraseFile, serverName, verifyHostname = true } = given;
  const texts = [caFile, certFile, keyFile, keyPassphraseFile, serverName];
  return texts.some((text) => text !== undefined) || !verifyHostname;
}

function located(
  judge: Judge,
  path: SettingPath,
  name: 'certFile' | 'keyFile',
  file: string | undefined,
): TlsFiles {
  return file === undefined ? {} : { [name]: judge.locate([...path, name], file) };
}

/** The certificates of a text of PEM, in its order; throws where one of them is damaged. */
export function parseCertificates(text: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length < (text.match(CERTIFICATE_BEGIN) ?? []).length) throw new Error('a block has no end');
  return blocks.map((block) => new X509Certificate(block));
}

/** Text and certificates of a file; null, with a fault where a file is set, when it has none that can be used. */
function readCertificates(judge: Judge, path: SettingPath, file: string | undefined) {
  const text = file === undefined ? null : judge.read(path, file);
  if (text === null) return null;
  let certificates;
  try {
    certificates = parseCertificates(text);
  } catch {
    judge.report(path, 'names a file with a certificate that is damaged', 'export it again, as PEM');
    return null;
  }
  if (certificates.length > 0) return { text, certificates };
  reportOther(judge, path, text, 'certificate');
  return null;
}

function readKey(judge: Judge, path: SettingPath, given: GivenTlsFiles, passphrase: string | undefined) {
  const at = [...path, 'keyFile'];
  const text = given.keyFile === undefined ? null : judge.read(at, given.keyFile);
  if (text === null) return null;
  if (!PRIVATE_KEY.test(text)) {
    reportOther(judge, at, text, 'private key');
    return null;
  }
  const isEncrypted = ENCRYPTED_KEY.test(text);
  if (isEncrypted && given.keyPassphraseFile === undefined) {
    const hint = 'set keyPassphraseFile to a file that holds its passphrase';
    judge.report(at, 'names a key that is encrypted', hint);
    return null;
  }
  if (isEncrypted && passphrase === undefined) return null; // reported already
  try {
    return { text, key: createPrivateKey({ key: text, passphrase }) };
  } catch (error) {
    if (!isEncrypted) {
      judge.report(
        at,
        'names a key that is damaged, or of a kind that is not known',
        'export it again, as PEM',
      );
    } else if (codeOf(error).endsWith('UNSUPPORTED')) {
      const hint = 'encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW';
      judge.report(at, 'names a key that is encrypted in a way that is no longer supported', hint);
    } else {
      const hint = 'check which of the two is the wrong one, and that the passphrase is the only line';
      judge.report([...path, 'keyPassphraseFile'], 'does not hold the passphrase of keyFile', hint, at);
    }
    return null;
  }
}

/** Whether the key belongs to the first certificate, which is the one that is shown. */
function checkPair(
  judge: Judge,
  path: SettingPath,
  certificates: readonly X509Certificate[],
  key: KeyObject,
): boolean {
  const index = certificates.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (index === 0) return true;
  const at = [...path, 'certFile'];
  if (index > 0) {
    judge.report(at, 'must have the certificate of keyFile first', 'put those that vouch for it after it');
  } else {
    judge.report([...path, 'keyFile'], 'does not belong to the certificate in certFile', undefined, at);
  }
  return false;
}

/** The last word is that of the library: it knows more reasons to refuse, such as keys that are too short. */
function tryAsTlsWould(judge: Judge, path: SettingPath, files: Parameters<typeof createSecureContext>[0]) {
  try {
    createSecureContext(files);
  } catch (error) {
    const code = codeOf(error)
      .replace(/^ERR_(OSSL|SSL)_/, '')
      .replaceAll('_', ' ')
      .toLowerCase();
    judge.report(path, `cannot be used for TLS${code === '' ? '' : `: ${code}`}`);
  }
}

function reportOther(judge: Judge, path: SettingPath, text: string, wanted: string): void {
  if (text.trim() === '') judge.report(path, 'names a file that is empty');
  else if (!text.includes('-----BEGIN ')) {
    judge.report(path, 'must name a PEM file', "it should hold a line '-----BEGIN …-----'");
  } else {
    const found = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1]?.toLowerCase();
    judge.report(path, `must name a file with a ${wanted}`, found && `it holds a ${found}`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
