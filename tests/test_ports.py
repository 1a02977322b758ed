"""Ports of processes that come back on the same one."""

import socket
from pathlib import Path

import pytest

from tests.ports import ELSEWHERE, HOST, free_port, is_free, lasting_ports, share


def kernel_says(folder: Path, words: str) -> Path:
    said = folder / "ip_local_port_range"
    said.write_text(words)
    return said


def test_a_port_is_none_that_an_outgoing_connection_gets() -> None:
    with socket.socket() as outgoing:
        outgoing.bind((HOST, 0))
        given_by_the_kernel = outgoing.getsockname()[1]
    ports = lasting_ports()
    assert free_port() in ports
    assert given_by_the_kernel not in ports


@pytest.mark.parametrize(
    ("words", "ports"),
    [
        pytest.param("32768\t60999\n", range(10_000, 32_768), id="below it"),
        pytest.param("10240\t20000\n", range(20_001, 65_536), id="above it"),
        pytest.param("1024\t65535\n", ELSEWHERE, id="no room beside it"),
        pytest.param("", ELSEWHERE, id="not told"),
    ],
)
def test_ports_are_of_the_range_that_the_kernel_leaves(tmp_path: Path, words: str, ports: range) -> None:
    assert lasting_ports(kernel_says(tmp_path, words)) == ports


def test_a_system_without_that_file_has_ports_too(tmp_path: Path) -> None:
    assert lasting_ports(tmp_path / "nowhere") == ELSEWHERE


def test_no_two_workers_have_a_port_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    shares = []
    for worker in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        shares.append(set(share(range(10_000, 10_100))))
    assert sum(map(len, shares)) == len(set.union(*shares)) == 100


def test_no_port_is_given_twice() -> None:
    given = [free_port() for _ in range(20)]
    assert len(set(given)) == 20


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    port = free_port()
    assert is_free(port)
    with socket.create_server((HOST, port)):
        assert not is_free(port)
