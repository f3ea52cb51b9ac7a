"""What Ashore does with the options of `network`. Data only."""

from __future__ import annotations

from ashore_kickstart.support import supported

NETWORK = supported(
    "network",
    "NetworkManager or systemd-networkd of the installed system; it decides by itself about cards that no line names",
    options="--hostname --ip --netmask --gateway --mtu --nodefroute --noipv4 --noipv6",
    notes={
        "--device": "a name, a MAC address, or link for the card that is connected, which is meant without it too",
        "--bootproto": "dhcp (bootp means the same) or static",
        "--ipv6": "auto, dhcp, or an address with its prefix",
        "--ipv6gateway": "for an address given with --ipv6",
        "--nameserver": "IPv4 and IPv6 addresses, beside those that DHCP names",
        "--nodns": "name servers that DHCP and routers name are not used",
        "--ipv4-dns-search": "one list with --ipv6-dns-search",
        "--ipv6-dns-search": "one list with --ipv4-dns-search",
        "--onboot": "it is connected when the system starts, which is so without it too",
        "--activate": "the live system gets the settings too, which is so without it too",
        "--no-activate": "the live system keeps its own",
    },
    refused={
        "write --nodns, for both families": "--ipv4-ignore-auto-dns --ipv6-ignore-auto-dns",
        "give the MAC address as --device": "--bindto",
        "wireless networks are not supported yet": "--essid --wepkey --wpakey",
        "bonds, teams, bridges and VLANs are not supported yet": (
            "--bondslaves --bondopts --teamslaves --teamconfig --bridgeslaves --bridgeopts --vlanid --interfacename"
        ),
        "it is not supported yet": "--dhcpclass --ethtool",
        "the boot option ksdevice is not known here": "--notksdevice",
    },
)
