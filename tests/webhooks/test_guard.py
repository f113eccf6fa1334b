import threading
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any

import pytest

from app.webhooks.guard import SECONDS, WAITING, BadUrl, Guard, Refused, is_public
from app.webhooks.resolving import AT_ONCE, Names
from tests.faults.processes import wait_until
from tests.webhooks.receivers import Zone

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - nobody listens
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff:ffff::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:5db8:d822::1",
    "3fff::1",
    "3fff:fff:ffff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "93.184.216.34",
    "100.128.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "198.20.0.1",
    "223.255.255.255",
    "2001:200::1",
    "2003::1",
    "2606:4700::1111",
    "3ffe:ffff::1",
]
DISGUISED = [
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "0",
    "0x",
    "999.1.1.1",
    "example.1",
]
LITERALS = ["127.0.0.1", "169.254.169.254", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1]"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_nothing_but_public_unicast_is_public(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not Guard().permits(address, 443, secure=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_reached_over_https_on_two_ports_only(address: str) -> None:
    assert is_public(ip_address(address))
    for guard in (Guard(), Guard("10.0.0.0/8")):
        assert guard.permits(address, 443, secure=True)
        assert guard.permits(address, 8443, secure=True)
        assert not guard.permits(address, 22, secure=True)
        assert not guard.permits(address, 443, secure=False)
        assert not guard.permits(address, 80, secure=False)


def test_a_network_that_the_operator_named_takes_http_on_any_port() -> None:
    guard = Guard(" 10.1.0.0/16, fd00::/8 ")
    for address in ("10.1.2.3", "fd00::1"):
        assert guard.permits(address, 9000, secure=False)
        assert guard.permits(address, 9000, secure=True)
    assert not guard.permits("10.2.0.1", 9000, secure=True)
    assert not guard.permits("::ffff:10.1.2.3", 9000, secure=True)


def test_an_address_with_a_scope_is_refused_even_in_a_network_that_was_named() -> None:
    assert Guard("fe80::/10").permits("fe80::1", 80, secure=False)
    assert not Guard("fe80::/10").permits("fe80::1%lo", 80, secure=False)


@pytest.mark.parametrize("nets", ["localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8;::/0"])
def test_networks_that_cannot_be_read_are_refused_at_the_start(nets: str) -> None:
    with pytest.raises(ValueError, match=r"network|address|bits"):
        Guard(nets)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/",
        "HTTPS://EXAMPLE.com:443/a/b?c=%20&d=[1]|2",
        "https://example.com:8443?x=1",
        "https://xn--bcher-kva.example./hook",
        "https://a_b.example/@/x:y@z",
        "https://93.184.216.34/",
        "https://[2606:4700::1111]:8443/",
        "https://" + "a" * 2029 + ".example/",
    ],
)
def test_a_plain_https_url_is_good(url: str) -> None:
    Guard().check_url(url)


BROKEN = [
    "",
    "example.com",
    "//example.com/",
    "/hook",
    "https:/example.com/",
    "https:///hook",
    "https://:443/",
    "ftp://example.com/",
    "ws://example.com/",
    "tcp://example.com:443/",
    "javascript:alert(1)",
    "https://user@example.com/",
    "https://user:pass@example.com/",
    "https://@example.com/",
    "https://example.com/#top",
    "https://example.com#",
    "https://example.com/a b",
    " https://example.com/",
    "https://example.com/\n",
    "https://exa\tmple.com/",
    "https://example.com\\@evil.example/",
    "https://example.com/\x00",
    "https://example.com/\x7f",
    "https://bücher.example/",
    "https://example.com/ü",
    "https://\uff11\uff12\uff17.0.0.1/",
    "https://127。0。0。1/",
    "https://%31%32%37.0.0.1/",
    "https://example.com:/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:4430000000/",
    "https://example.com:4+3/",
    "https://example.com:443:443/",
    "https://[::1/",
    "https://[]/",
    "https://[127.0.0.1]/",
    "https://[fe80::1%25lo]/",
    "https://[v1.x]/",
    "https://./",
    "https://" + "a" * 2033 + ".example/",
]


@pytest.mark.parametrize("url", BROKEN)
@pytest.mark.parametrize("nets", ["", "127.0.0.0/8"])
def test_a_url_that_could_be_read_in_two_ways_is_bad(url: str, nets: str) -> None:
    with pytest.raises(BadUrl):
        Guard(nets).check_url(url)


@pytest.mark.parametrize("url", ["http://example.com/", "https://example.com:80/", "http://example.com:443/"])
def test_http_and_other_ports_are_bad_unless_the_operator_named_networks(url: str) -> None:
    with pytest.raises(BadUrl):
        Guard().check_url(url)
    Guard("10.0.0.0/8").check_url(url)


@pytest.mark.parametrize("host", [*DISGUISED, *LITERALS])
@pytest.mark.parametrize("nets", ["", "192.0.2.0/24"])
def test_an_encoded_or_private_literal_is_refused_when_it_is_saved(host: str, nets: str) -> None:
    """Row 23 of the faults; what is sent there all the same is in test_sender_dns.py."""
    with pytest.raises(Refused):
        Guard(nets).vet(f"https://{host}/")


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "10.0.0.1"],
        ["2606:4700::1111", "::1"],
        ["93.184.216.34", "2606:4700::1111", "fe80::1%eth0"],
    ],
)
def test_a_name_with_any_bad_answer_is_refused_when_it_is_saved(answer: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        Guard(resolve=Zone(answer)).vet("https://example.com/")
    assert not str(caught.value)  # nothing that would map our network
    assert caught.value.code == "blocked_address"


def test_a_name_with_good_answers_passes() -> None:
    Guard(resolve=Zone(["93.184.216.34", "2606:4700::1111"])).vet("https://example.com/")


def test_http_outside_the_named_networks_is_refused_when_it_is_saved() -> None:
    with pytest.raises(Refused):
        Guard("10.0.0.0/8", Zone(["93.184.216.34"])).vet("http://example.com/")
    Guard("10.0.0.0/8", Zone(["10.1.2.3"])).vet("http://example.com:9000/")


def test_a_name_that_does_not_resolve_passes() -> None:
    Guard().vet("https://no-such-name.invalid/")
    Guard().vet("https://" + "a" * 64 + ".example/")
    Guard().vet("https://a..example/")


def test_a_name_that_hangs_passes_after_a_bounded_wait() -> None:
    gate = threading.Event()

    def hang(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        gate.wait()
        return []

    Guard(resolve=hang).vet("https://example.com/")
    gate.set()


def test_names_that_hang_hold_up_a_few_who_save_an_endpoint_and_nobody_else() -> None:
    gate, begun, zone = threading.Event(), [], Zone(["10.0.0.1"])

    def hang(host: str, *arguments: Any, **named: Any) -> Any:
        if host.startswith("hang"):
            begun.append(host)
            gate.wait()
        return zone(host, *arguments, **named)

    guard = Guard(resolve=hang)
    with ThreadPoolExecutor(WAITING) as pool:
        waiting = [pool.submit(guard.vet, f"https://hang{n}.example/") for n in range(WAITING)]
        wait_until(lambda: len(begun) == WAITING)
        started = time.monotonic()
        guard.vet("https://one-more.example/")
        assert time.monotonic() - started < SECONDS / 2
        with pytest.raises(Refused):  # no name: nobody has to be asked
            guard.vet("https://[::1]/")
        gate.set()
        for each in waiting:
            with pytest.raises(Refused):
                each.result(10)
    with pytest.raises(Refused):
        guard.vet("https://one-more.example/")


def test_a_name_that_hangs_takes_one_thread_however_many_ask_for_it() -> None:
    gate, asked = threading.Event(), []

    def hang(host: str, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        gate.wait()
        return [(0, 0, 0, "", ("192.0.2.1", 0))]

    names = Names(hang)
    lookups = [names.start(host, port) for host in ("slow.example", "other.example") for port in (443, 8443, 443)]
    wait_until(lambda: {*asked} == {"slow.example", "other.example"})
    gate.set()
    assert {lookup.result(10) for lookup in lookups} == {("192.0.2.1",)}
    assert names.start("slow.example", 443).result(10) == ("192.0.2.1",)
    assert asked.count("slow.example") == 2


def test_a_bad_url_is_bad_before_its_name_is_looked_up() -> None:
    with pytest.raises(BadUrl):
        Guard().vet("http://localhost/")


def test_names_that_hang_do_not_take_all_threads_of_the_system() -> None:
    gate = threading.Event()

    def hang(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        gate.wait()
        return []

    names = Names(hang)
    hanging = [names.start(f"{number}.example", 443) for number in range(AT_ONCE)]
    with pytest.raises(OSError, match="too many"):
        names.start("one-more.example", 443).result(10)
    gate.set()
    assert all(lookup.result(10) == () for lookup in hanging)
    assert names.start("again.example", 443).result(10) == ()
