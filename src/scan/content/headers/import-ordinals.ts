/**
 * Names that stand for ordinals in the import hash: of Windows Sockets and OLE Automation, whose exports have kept their
 * numbers. Facts of those libraries, as every tool that computes the hash uses them; checked one by one by clamscan.
 */

type Run = readonly [first: number, names: string];

const SOCKETS: readonly Run[] = [
  [1, 'accept bind closesocket connect getpeername getsockname getsockopt htonl htons ioctlsocket inet_addr inet_ntoa'],
  [13, 'listen ntohl ntohs recv recvfrom select send sendto setsockopt shutdown socket getaddrinfow getnameinfow'],
  [26, 'wsapsetpostroutine freeaddrinfow wpucompleteoverlappedrequest wsaaccept wsaaddresstostringa'],
  [31, 'wsaaddresstostringw wsacloseevent wsaconnect wsacreateevent wsaduplicatesocketa wsaduplicatesocketw'],
  [37, 'wsaenumnamespaceprovidersa wsaenumnamespaceprovidersw wsaenumnetworkevents wsaenumprotocolsa'],
  [41, 'wsaenumprotocolsw wsaeventselect wsagetoverlappedresult wsagetqosbyname wsagetserviceclassinfoa'],
  [46, 'wsagetserviceclassinfow wsagetserviceclassnamebyclassida wsagetserviceclassnamebyclassidw wsahtonl'],
  [50, 'wsahtons gethostbyaddr gethostbyname getprotobyname getprotobynumber getservbyname getservbyport'],
  [57, 'gethostname wsainstallserviceclassa wsainstallserviceclassw wsaioctl wsajoinleaf wsalookupservicebegina'],
  [63, 'wsalookupservicebeginw wsalookupserviceend wsalookupservicenexta wsalookupservicenextw wsanspioctl'],
  [68, 'wsantohl wsantohs wsaproviderconfigchange wsarecv wsarecvdisconnect wsarecvfrom wsaremoveserviceclass'],
  [75, 'wsaresetevent wsasend wsasenddisconnect wsasendto wsasetevent wsasetservicea wsasetservicew wsasocketa'],
  [83, 'wsasocketw wsastringtoaddressa wsastringtoaddressw wsawaitformultipleevents wscdeinstallprovider'],
  [88, 'wscenablensprovider wscenumprotocols wscgetproviderpath wscinstallnamespace wscinstallprovider'],
  [93, 'wscuninstallnamespace wscupdateprovider wscwritenamespaceorder wscwriteproviderorder freeaddrinfo'],
  [98, 'getaddrinfo getnameinfo'],
  [101, 'wsaasyncselect wsaasyncgethostbyaddr wsaasyncgethostbyname wsaasyncgetprotobynumber'],
  [105, 'wsaasyncgetprotobyname wsaasyncgetservbyport wsaasyncgetservbyname wsacancelasyncrequest'],
  [109, 'wsasetblockinghook wsaunhookblockinghook wsagetlasterror wsasetlasterror wsacancelblockingcall'],
  [114, 'wsaisblocking wsastartup wsacleanup'],
  [151, '__wsafdisset'],
  [500, 'wep'],
];

const AUTOMATION: readonly Run[] = [
  [2, 'sysallocstring sysreallocstring sysallocstringlen sysreallocstringlen sysfreestring sysstringlen variantinit'],
  [9, 'variantclear variantcopy variantcopyind variantchangetype varianttimetodosdatetime dosdatetimetovarianttime'],
  [15, 'safearraycreate safearraydestroy safearraygetdim safearraygetelemsize safearraygetubound safearraygetlbound'],
  [21, 'safearraylock safearrayunlock safearrayaccessdata safearrayunaccessdata safearraygetelement'],
  [26, 'safearrayputelement safearraycopy dispgetparam dispgetidsofnames dispinvoke createdisptypeinfo'],
  [32, 'createstddispatch registeractiveobject revokeactiveobject getactiveobject safearrayallocdescriptor'],
  [37, 'safearrayallocdata safearraydestroydescriptor safearraydestroydata safearrayredim'],
  [41, 'safearrayallocdescriptorex safearraycreateex safearraycreatevectorex safearraysetrecordinfo'],
  [45, 'safearraygetrecordinfo varparsenumfromstr varnumfromparsenum vari2fromui1 vari2fromi4 vari2fromr4 vari2fromr8'],
  [52, 'vari2fromcy vari2fromdate vari2fromstr vari2fromdisp vari2frombool safearraysetiid vari4fromui1 vari4fromi2'],
  [60, 'vari4fromr4 vari4fromr8 vari4fromcy vari4fromdate vari4fromstr vari4fromdisp vari4frombool safearraygetiid'],
  [68, 'varr4fromui1 varr4fromi2 varr4fromi4 varr4fromr8 varr4fromcy varr4fromdate varr4fromstr varr4fromdisp'],
  [76, 'varr4frombool safearraygetvartype varr8fromui1 varr8fromi2 varr8fromi4 varr8fromr4 varr8fromcy varr8fromdate'],
  [84, 'varr8fromstr varr8fromdisp varr8frombool varformat vardatefromui1 vardatefromi2 vardatefromi4 vardatefromr4'],
  [92, 'vardatefromr8 vardatefromcy vardatefromstr vardatefromdisp vardatefrombool varformatdatetime varcyfromui1'],
  [99, 'varcyfromi2 varcyfromi4 varcyfromr4 varcyfromr8 varcyfromdate varcyfromstr varcyfromdisp varcyfrombool'],
  [107, 'varformatnumber varbstrfromui1 varbstrfromi2 varbstrfromi4 varbstrfromr4 varbstrfromr8 varbstrfromcy'],
  [114, 'varbstrfromdate varbstrfromdisp varbstrfrombool varformatpercent varboolfromui1 varboolfromi2 varboolfromi4'],
  [121, 'varboolfromr4 varboolfromr8 varboolfromdate varboolfromcy varboolfromstr varboolfromdisp varformatcurrency'],
  [128, 'varweekdayname varmonthname varui1fromi2 varui1fromi4 varui1fromr4 varui1fromr8 varui1fromcy varui1fromdate'],
  [136, 'varui1fromstr varui1fromdisp varui1frombool varformatfromtokens vartokenizeformatstring varadd varand vardiv'],
  [144, 'dllcanunloadnow dllgetclassobject dispcallfunc variantchangetypeex safearrayptrofindex sysstringbytelen'],
  [150, 'sysallocstringbytelen dllregisterserver vareqv varidiv varimp varmod varmul varor varpow varsub createtypelib'],
  [161, 'loadtypelib loadregtypelib registertypelib querypathofregtypelib lhashvalofnamesys lhashvalofnamesysa varxor'],
  [168, 'varabs varfix oabuildversion clearcustdata varint varneg varnot varround varcmp vardecadd vardecdiv vardecmul'],
  [180, 'createtypelib2 vardecsub vardecabs loadtypelibex systemtimetovarianttime varianttimetosystemtime'],
  [186, 'unregistertypelib vardecfix vardecint vardecneg vardecfromui1 vardecfromi2 vardecfromi4 vardecfromr4'],
  [194, 'vardecfromr8 vardecfromdate vardecfromcy vardecfromstr vardecfromdisp vardecfrombool geterrorinfo seterrorinfo'],
  [202, 'createerrorinfo vardecround vardeccmp vari2fromi1 vari2fromui2 vari2fromui4 vari2fromdec vari4fromi1'],
  [210, 'vari4fromui2 vari4fromui4 vari4fromdec varr4fromi1 varr4fromui2 varr4fromui4 varr4fromdec varr8fromi1'],
  [218, 'varr8fromui2 varr8fromui4 varr8fromdec vardatefromi1 vardatefromui2 vardatefromui4 vardatefromdec varcyfromi1'],
  [226, 'varcyfromui2 varcyfromui4 varcyfromdec varbstrfromi1 varbstrfromui2 varbstrfromui4 varbstrfromdec'],
  [233, 'varboolfromi1 varboolfromui2 varboolfromui4 varboolfromdec varui1fromi1 varui1fromui2 varui1fromui4'],
  [240, 'varui1fromdec vardecfromi1 vardecfromui2 vardecfromui4 vari1fromui1 vari1fromi2 vari1fromi4 vari1fromr4'],
  [248, 'vari1fromr8 vari1fromdate vari1fromcy vari1fromstr vari1fromdisp vari1frombool vari1fromui2 vari1fromui4'],
  [256, 'vari1fromdec varui2fromui1 varui2fromi2 varui2fromi4 varui2fromr4 varui2fromr8 varui2fromdate varui2fromcy'],
  [264, 'varui2fromstr varui2fromdisp varui2frombool varui2fromi1 varui2fromui4 varui2fromdec varui4fromui1 varui4fromi2'],
  [272, 'varui4fromi4 varui4fromr4 varui4fromr8 varui4fromdate varui4fromcy varui4fromstr varui4fromdisp varui4frombool'],
  [280, 'varui4fromi1 varui4fromui2 varui4fromdec bstr_usersize bstr_usermarshal bstr_userunmarshal bstr_userfree'],
  [287, 'variant_usersize variant_usermarshal variant_userunmarshal variant_userfree lpsafearray_usersize'],
  [292, 'lpsafearray_usermarshal lpsafearray_userunmarshal lpsafearray_userfree lpsafearray_size lpsafearray_marshal'],
  [297, 'lpsafearray_unmarshal vardeccmpr8 varcyadd dllunregisterserver oacreatetypelib2'],
  [303, 'varcymul varcymuli4 varcysub varcyabs varcyfix varcyint varcyneg varcyround varcycmp varcycmpr8 varbstrcat'],
  [314, 'varbstrcmp varr8pow varr4cmpr8 varr8round varcat vardatefromudateex'],
  [322, 'getrecordinfofromguids getrecordinfofromtypeinfo'],
  [325, 'setvarconversionlocalesetting getvarconversionlocalesetting setoanocache'],
  [329, 'varcymuli8 vardatefromudate varudatefromdate getaltmonthnames vari8fromui1 vari8fromi2 vari8fromr4 vari8fromr8'],
  [337, 'vari8fromcy vari8fromdate vari8fromstr vari8fromdisp vari8frombool vari8fromi1 vari8fromui2 vari8fromui4'],
  [345, 'vari8fromdec vari2fromi8 vari2fromui8 vari4fromi8 vari4fromui8'],
  [360, 'varr4fromi8 varr4fromui8 varr8fromi8 varr8fromui8 vardatefromi8 vardatefromui8 varcyfromi8 varcyfromui8'],
  [368, 'varbstrfromi8 varbstrfromui8 varboolfromi8 varboolfromui8 varui1fromi8 varui1fromui8 vardecfromi8'],
  [375, 'vardecfromui8 vari1fromi8 vari1fromui8 varui2fromi8 varui2fromui8'],
  [401, 'oleloadpictureex oleloadpicturefileex'],
  [411, 'safearraycreatevector safearraycopydata vectorfrombstr bstrfromvector oleicontocursor'],
  [416, 'olecreatepropertyframeindirect olecreatepropertyframe oleloadpicture olecreatepictureindirect'],
  [420, 'olecreatefontindirect oletranslatecolor oleloadpicturefile olesavepicturefile oleloadpicturepath varui4fromi8'],
  [426, 'varui4fromui8 vari8fromui8 varui8fromi8 varui8fromui1 varui8fromi2 varui8fromr4 varui8fromr8 varui8fromcy'],
  [434, 'varui8fromdate varui8fromstr varui8fromdisp varui8frombool varui8fromi1 varui8fromui2 varui8fromui4'],
  [441, 'varui8fromdec registertypelibforuser unregistertypelibforuser'],
];

const BY_LIBRARY: ReadonlyMap<string, readonly Run[]> = new Map([
  ['ws2_32.dll', SOCKETS],
  ['wsock32.dll', SOCKETS],
  ['oleaut32.dll', AUTOMATION],
]);

/** The name in lower case that an ordinal of a library (its file name in lower case) stands for, else `ord` and it. */
export function ordinalName(library: string, ordinal: number): string {
  const run = BY_LIBRARY.get(library)?.findLast(([first]) => first <= ordinal);
  return run?.[1].split(' ')[ordinal - run[0]] ?? `ord${String(ordinal)}`;
}
