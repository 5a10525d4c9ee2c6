/**
 * The names of ClamAV's file types (docs.clamav.net, "ClamAV File Types", and those of newer releases that clamscan 1.4.6
 * takes). A signature that names another one is passed over by clamscan, and reported here.
 */

const names: ReadonlySet<string> = new Set(
  (
    '7Z 7ZSFX ALZ ANY APM ARJ ARJSFX AUTOIT BINARY_DATA BINHEX BZ CABSFX CPIO_CRC CPIO_NEWC CPIO_ODC CPIO_OLD CRYPTFF DMG EGG ELF GIF GPT ' +
    'GRAPHICS GZ HTML HTML_UTF16 HWP3 HWPOLE2 IGNORED INTERNAL ISHIELD_MSI ISO9660 JAVA JPEG LHA_LZH LNK MACHO MACHO_UNIBIN MAIL MBR MHTML ' +
    'MSCAB MSCHM MSEXE MSOLE2 MSSZDD NULSFT OLD_TAR ONENOTE OOXML_HWP OOXML_PPT OOXML_WORD OOXML_XL PART_HFSPLUS PDF PNG POSIX_TAR PS ' +
    'PYTHON_COMPILED RAR RARSFX RIFF RTF SCRENC SCRIPT SIS SWF TEXT_ASCII TEXT_UTF16BE TEXT_UTF16LE TEXT_UTF8 TIFF TNEF UDF UUENCODED XAR ' +
    'XDP XML_HWP XML_WORD XML_XL XZ ZIP ZIPSFX'
  ).split(' '),
);

const prefix = 'CL_TYPE_';

/** True for the name of a file type, with its prefix: `CL_TYPE_ZIP`. */
export function isFileType(name: string): boolean {
  return name.startsWith(prefix) && names.has(name.slice(prefix.length));
}
