import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../stack/command.ts';

/** A key with a self-signed certificate for 127.0.0.1. */
export interface Certificate {
  /** PKCS12, as Kafka wants it. */
  readonly keystore: string;
  readonly password: string;
  /** The certificate alone, PEM. */
  readonly pemFile: string;
}

/** Makes one in this folder, with Java's `keytool`; `validity` is of the form `-startdate -10d -validity 5`. */
export async function makeCertificate(
  folder: string,
  name: string,
  validity: readonly string[] = [],
): Promise<Certificate> {
  const [keystore, pemFile, password] = [
    join(folder, `${name}.p12`),
    join(folder, `${name}.pem`),
    'changeit',
  ];
  const store = ['-alias', 'kafka', '-keystore', keystore, '-storepass', password];
  const subject = ['-dname', 'CN=kafka', '-ext', 'san=ip:127.0.0.1'];
  const key = ['-genkeypair', '-keyalg', 'EC', '-storetype', 'PKCS12'];
  await runCommand('keytool', [...key, ...subject, ...validity, ...store]);
  await runCommand('keytool', ['-exportcert', '-rfc', '-file', pemFile, ...store]);
  return { keystore, password, pemFile };
}

/** The certificates of several as one text of authorities, PEM. */
export async function joinAuthorities(certificates: readonly Certificate[]): Promise<string> {
  return (await Promise.all(certificates.map(({ pemFile }) => readFile(pemFile, 'utf8')))).join('');
}
