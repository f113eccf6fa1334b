"""Where webhooks may go: public addresses over https, and the networks that the operator named."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from socket import getaddrinfo
from threading import BoundedSemaphore
from typing import NamedTuple

from app.webhooks.resolving import Names, Resolve

LONGEST = 2048
"""Characters of a URL."""
PORTS = (443, 8443)
"""Where https may go outside the networks that the operator named."""
SECONDS = 3.0
"""How long the saving of an endpoint waits for its name."""
WAITING = 4
"""So many wait for a name at the same time: each holds one of the threads that serve requests."""

# Our own lists, after the special-purpose registries: `ipaddress.is_global` calls 192.0.0.192, 2002:7f00:1:: and
# fec0::1 global. What embeds an IPv4 address (mapped, NAT64, 6to4, Teredo) falls to them as well.
_NOT_PUBLIC = tuple(
    ip_network(net)
    for net in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_UNICAST = IPv6Network("2000::/3")
"""All that is given out of IPv6; the rest is local, multicast, reserved, or IPv4 in disguise."""

_PRINTABLE = re.compile(r"[!-\[\]-~]*")  # ASCII without space, control characters and backslash
_URL = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>[a-z0-9_.-]*[a-z0-9_-]\.?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


class BadUrl(ValueError):
    """A URL that no endpoint can have; says why, in words for whoever wrote it."""


class Refused(Exception):
    """An address where nothing may be sent; says nothing more, so that nobody can map our network with us."""

    code = "blocked_address"


class Target(NamedTuple):
    """Where a URL leads, before its name is looked up; host without brackets."""

    secure: bool
    host: str
    port: int
    disguised: bool
    """The host is a number that systems take for an IPv4 address though it is not written as one: 127.1, 0x7f000001."""


@lru_cache(maxsize=4096)
def read_url(url: str) -> Target:
    """Where the URL leads, or BadUrl: http or https, a host, no user, no fragment, at most 2048 characters."""
    if len(url) > LONGEST:
        raise BadUrl(f"at most {LONGEST} characters")
    if not _PRINTABLE.fullmatch(url):
        raise BadUrl(
            "printable ASCII without spaces and backslashes: percent-encode the rest, and write the host in punycode"
        )
    if not (parts := _URL.fullmatch(url)):
        raise BadUrl("starts with https://")
    if "@" in parts["authority"]:
        raise BadUrl("no user and no password: the signature says who we are")
    if "#" in parts["rest"]:
        raise BadUrl("no fragment")
    if not (place := _AUTHORITY.fullmatch(parts["authority"])) or _is_broken(place["host"]):
        raise BadUrl("names a host, and after it at most a port")
    secure = parts["scheme"].lower() == "https"
    port = int(place["port"] or (443 if secure else 80))
    if not 1 <= port <= 65535:  # noqa: PLR2004 - the highest port there is
        raise BadUrl("a port from 1 to 65535")
    host = place["host"].strip("[]").lower()
    return Target(secure, host, port, _is_disguised(host))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is public unicast: one that anybody on the internet can be given."""
    return (address.version == 4 or address in _UNICAST) and not any(address in net for net in _NOT_PUBLIC)  # noqa: PLR2004 - IPv4


def _is_broken(host: str) -> bool:
    return host.startswith("[") and not _is_address(host.strip("[]"), IPv6Address)


def _is_disguised(host: str) -> bool:
    return bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2])) and not _is_address(host, IPv4Address)


def _is_address(host: str, kind: type[IPv4Address] | type[IPv6Address]) -> bool:
    try:
        kind(host)
    except ValueError:
        return False
    return True


class Guard:
    """Says where webhooks may go; `allow_nets` names networks, comma-separated, where http and any port may be used."""

    def __init__(self, allow_nets: str = "", resolve: Resolve = getaddrinfo) -> None:
        self._allowed = tuple(ip_network(net.strip()) for net in allow_nets.split(",") if net.strip())
        self.names = Names(resolve)
        self._places = BoundedSemaphore(WAITING)

    def check_url(self, url: str) -> None:
        """BadUrl for one that cannot be saved, whatever its name resolves to."""
        target = read_url(url)
        if not self._allowed and not target.secure:
            raise BadUrl("starts with https://")
        if not self._allowed and target.port not in PORTS:
            raise BadUrl(f"the port is {PORTS[0]} or {PORTS[1]}")

    def admit(self, url: str) -> Target:
        """Where the URL leads; BadUrl, or Refused for a host that hides an address. Its name is not looked up."""
        self.check_url(url)
        target = read_url(url)
        if target.disguised:
            raise Refused
        return target

    def vet(self, url: str) -> None:
        """BadUrl or Refused for a URL where nothing may be sent; blocks for up to three seconds to look its name up.

        A name that does not resolve passes, and so does one while `WAITING` others are waited for: it is looked at
        again whenever something is sent.
        """
        target = self.admit(url)
        self.check_addresses(self._look_up(target), target.port, secure=target.secure)

    def _look_up(self, target: Target) -> tuple[str, ...]:
        if _is_address(target.host, IPv4Address) or _is_address(target.host, IPv6Address):
            return (target.host,)
        if not self._places.acquire(blocking=False):
            return ()
        try:
            return self.names.start(target.host, target.port).result(SECONDS)
        except OSError:  # TimeoutError is one
            return ()
        finally:
            self._places.release()

    def check_addresses(self, addresses: tuple[str, ...], port: int, *, secure: bool) -> None:
        """Refused when any of them is: a name that mixes good and bad answers is up to something."""
        if not all(self.permits(address, port, secure=secure) for address in addresses):
            raise Refused

    def permits(self, address: str, port: int, *, secure: bool) -> bool:
        """Whether this very address may be dialled; secure when https will be spoken."""
        if "%" in address:  # a scope, which only local addresses need
            return False
        ip = ip_address(address)
        return any(ip in net for net in self._allowed) or (secure and port in PORTS and is_public(ip))
