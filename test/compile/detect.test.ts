import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { detectFormat, parseSourceArgument, sourceFormats } from '../../src/compile/detect.js';
import { readers } from '../../src/compile/readers/index.js';

describe('the format of a source', () => {
  it.each([
    ['main.ndb', 'ndb'],
    ['/sigs/daily.HDB', 'hdb'],
    ['a.b.sfp', 'sfp'],
    ['local.ign2', 'ign2'],
    ['c:\\sigs\\x.msb', 'msb'],
    ['hosts.txt', undefined],
    ['hashes', undefined],
    ['list.csv', undefined],
    ['dir.hdb/file', undefined],
    ['urls', undefined],
    ['x.hashes', undefined],
  ])('of %s is told by its ending: %s', (file, format) => {
    expect(detectFormat(file)).toBe(format);
  });

  it.each([
    ['main.ndb', 'ndb', 'main.ndb'],
    ['hashes:bad.csv', 'hashes', 'bad.csv'],
    ['approved-urls:/etc/ok.txt', 'approved-urls', '/etc/ok.txt'],
    ['hdb:list.txt', 'hdb', 'list.txt'],
    ['urls:a:b', 'urls', 'a:b'],
    ['C:\\sigs\\x.hdb', 'hdb', 'C:\\sigs\\x.hdb'],
    ['./od:d.hdb', 'hdb', './od:d.hdb'],
  ])('is read from the argument %s', (argument, format, file) => {
    expect(parseSourceArgument(argument)).toEqual({ format, file });
  });

  it.each([['list.txt'], ['snort:feed.json'], ['hashes:'], ['nonsense:x.hdb'], [''], ['constructor:x']])('is asked for when %j does not tell', (argument) => {
    let code: unknown;
    try {
      parseSourceArgument(argument);
    } catch (error) {
      code = VedetteError.is(error) ? error.code : error;
    }
    expect(code).toBe('config-invalid');
  });

  it('has a reader, whichever it is', () => {
    expect(Object.keys(readers).sort()).toEqual([...sourceFormats].sort());
  });
});
