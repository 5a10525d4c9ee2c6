/** What systems say about routes and neighbours, in the forms that they say it; the addresses are those of documentations. */

export const linuxRoute = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       
wlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0                                                                               
eth0\t00000000\tFE6433C6\t0003\t0\t0\t100\t00000000\t0\t0\t0                                                                               
eth1\t00000000\t017100CB\t0002\t0\t0\t50\t00000000\t0\t0\t0                                                                                
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                                                                               
tun0\t00000000\t0100080A\t0003\t0\t0\t50\t00000080\t0\t0\t0                                                                              
ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0                                                                               
`;

export const linuxIpv6Route = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000003 00000000 00450003    wlan0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000004 00000000 80200001       lo
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

export const linuxArp = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        wlan0
198.51.100.254   0x1         0x0         00:00:00:00:00:00     *        eth0
`;

export const macosNetstat = `Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
default            192.0.2.1          UGScg                 en0       
default            link#19            UCSIg               utun4       
default            198.51.100.1       GScI                  en7       
127                127.0.0.1          UCS                   lo0       
127.0.0.1          127.0.0.1          UH                    lo0       
192.0.2            link#11            UCS                   en0      !
192.0.2.1/32       link#11            UCS                   en0      !
192.0.2.1          2:fc:0:0:0:5       UHLWIir               en0   1184
224.0.0/4          link#11            UmCS                  en0      !

Internet6:
Destination                             Gateway                                 Flags               Netif Expire
default                                 fe80::1%en0                             UGcg                  en0       
default                                 fe80::%utun0                            UGcIg               utun0       
::1                                     ::1                                     UHL                   lo0       
2001:db8::/64                           link#11                                 UC                    en0       
`;

/** The same table as systems of before wrote it, with two columns more. */
export const oldMacosNetstat = `Routing tables

Internet:
Destination        Gateway            Flags        Refs      Use   Netif Expire
default            192.0.2.1          UGSc           20       16     en0
10.10.10/24        link#4             UCS             1        0     en0
`;

export const macosArp = `? (192.0.2.1) at 2:fc:0:0:0:5 on en0 ifscope [ethernet]
? (192.0.2.77) at (incomplete) on en0 ifscope [ethernet]
? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]
`;

export const macosNdp = `Neighbor                                Linklayer Address  Netif Expire    St Flgs Prbs
2001:db8::5                             2:fc:0:0:0:9         en0 permanent R      
fe80::1%lo0                             (incomplete)         lo0 permanent R      
fe80::1%en0                             2:fc:0:0:0:5         en0 23h59m58s S  R   
`;

export const windowsRoutePrint = `===========================================================================
Interface List
 12...02 fc 00 00 00 09 ......Intel(R) Ethernet Connection I219-LM
  1...........................Software Loopback Interface 1
===========================================================================

IPv4 Route Table
===========================================================================
Active Routes:
Network Destination        Netmask          Gateway       Interface  Metric
          0.0.0.0          0.0.0.0        192.0.2.1       192.0.2.57     25
          0.0.0.0          0.0.0.0         On-link         10.8.0.2     50
        127.0.0.0        255.0.0.0         On-link         127.0.0.1    331
        192.0.2.0    255.255.255.0         On-link       192.0.2.57    281
===========================================================================
Persistent Routes:
  Network Address          Netmask  Gateway Address  Metric
          0.0.0.0          0.0.0.0   198.51.100.1  Default 
          0.0.0.0          0.0.0.0   198.51.100.2       5
===========================================================================

IPv6 Route Table
===========================================================================
Active Routes:
 If Metric Network Destination      Gateway
 12    281 ::/0                     fe80::1
 12    281 ::/0                     
                                    fd00:aaaa:bbbb:cccc:dddd:eeee:ffff:1
  1    331 ::1/128                  On-link
 12    281 2001:db8::/64            On-link
 12    281 fe80::a9f1:1a2b:3c4d:5e6f/128
                                    On-link
===========================================================================
Persistent Routes:
 If Metric Network Destination      Gateway
  0 4294967295 ::/0                     fe80::dead
===========================================================================
`.replaceAll('\n', '\r\n');

/** Headings in another language. */
export const germanRoutePrint = `===========================================================================
Schnittstellenliste
 12...02 fc 00 00 00 09 ......Intel(R) Ethernet Connection I219-LM
===========================================================================

IPv4-Routentabelle
===========================================================================
Aktive Routen:
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik
          0.0.0.0          0.0.0.0        192.0.2.1       192.0.2.57     25
        127.0.0.0        255.0.0.0   Auf Verbindung         127.0.0.1    331
===========================================================================
St\u00e4ndige Routen:
  Keine
`.replaceAll('\n', '\r\n');

export const windowsArp = `
Interface: 192.0.2.57 --- 0xc
  Internet Address      Physical Address      Type
  192.0.2.1             02-fc-00-00-00-05     dynamic   
  192.0.2.255           ff-ff-ff-ff-ff-ff     static    
  224.0.0.22            01-00-5e-00-00-16     static    
`.replaceAll('\n', '\r\n');

export const windowsNeighbors = `
Interface 12: Ethernet


Internet Address                              Physical Address   Type
--------------------------------------------  -----------------  -----------
fe80::1                                       02-fc-00-00-00-05  Reachable (Router)
fe80::216:eaff:fef5:dac4                      Unreachable        Unreachable
ff02::2                                       33-33-00-00-00-02  Permanent
`.replaceAll('\n', '\r\n');
