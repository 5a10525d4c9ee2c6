/** Self-signed certificates, for 127.0.0.1 unless told otherwise, made at run time so that none lies in the repository (RFC 5280, DER by hand). */
import { createPublicKey, sign } from 'node:crypto';
import { generateKeyPair } from '../../src/node/node-keys.js';

/** What a certificate says. */
export interface SelfSignedOptions {
  /** IPv4 addresses that it is for. */
  readonly addresses?: readonly string[];
  /** Host names that it is for. */
  readonly names?: readonly string[];
  /** As `20991231235959Z`. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Whose it is, and who made it. */
  readonly subject?: string;
  /** A key of before: the certificate is a renewed one. */
  readonly keys?: Pick<ReturnType<typeof generateKeyPair>, 'privateKeyPem' | 'publicKeyPem'>;
}

/** Certificate and key as PEM. */
export function selfSigned(options: SelfSignedOptions = {}): { readonly cert: string; readonly key: string } {
  const { subject = 'test', addresses = ['127.0.0.1'], names = [], notBefore = '20200101000000Z', notAfter = '20991231235959Z' } = options;
  const { privateKeyPem, publicKeyPem } = options.keys ?? generateKeyPair();
  const ed25519 = sequence(Buffer.from('06032b6570', 'hex'));
  const name = sequence(der(0x31, sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(subject)))));
  const time = (at: string): Buffer => der(0x18, Buffer.from(at));
  const hosts = [...addresses.map((one) => der(0x87, Buffer.from(one.split('.').map(Number)))), ...names.map((one) => der(0x82, Buffer.from(one)))];
  const san = sequence(Buffer.from('0603551d11', 'hex'), der(0x04, sequence(...hosts)));
  const body = sequence(
    der(0xa0, Buffer.from('020102', 'hex')),
    Buffer.from('020101', 'hex'),
    ed25519,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    createPublicKey(publicKeyPem).export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(san)),
  );
  const signature = sign(null, body, privateKeyPem);
  const certificate = sequence(body, ed25519, der(0x03, Buffer.from([0]), signature));
  return { cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`, key: privateKeyPem };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
