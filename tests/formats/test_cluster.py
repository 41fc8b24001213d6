"""Cluster files: three forms, and every complaint with its line."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed
from rota.formats.cluster import SshNode, read_cluster

YAML = """\
ssh: ssh -F lab.config
nodes:
  - n1
  - {host: ada@n2, cores: 8, memory: 16GiB, labels: [gen4], scratch: /scratch}
"""


def test_yaml_says_hosts_or_more_of_them() -> None:
    """Without a name a node is called as its host is."""
    found = read_cluster(YAML, where="lab.yaml")
    assert found.ssh == ("ssh", "-F", "lab.config")
    assert found.nodes == (
        SshNode("n1", "n1"),
        SshNode("ada@n2", "n2", 8, 16 << 30, ("gen4",), scratch="/scratch"),
    )


def test_toml_says_the_same() -> None:
    """With tables of nodes."""
    text = 'ssh = "ssh"\n[[nodes]]\nhost = "n1"\ncores = 2\n'
    assert read_cluster(text, where="lab.toml").nodes == (SshNode("n1", "n1", 2),)
    with pytest.raises(Malformed, match=r"lab\.toml"):
        read_cluster("nodes = [", where="lab.toml")


def test_wqs_lines_are_understood() -> None:
    """Host, cores, GB, labels; comments; who stands there twice is as the last says."""
    text = "# ours\nn1 4 8 gen4,fast\nn2  8 1.5\n\nn1 16 32   # newer\n"
    assert read_cluster(text, where="desc").nodes == (
        SshNode("n1", "n1", 16, 32_000_000_000),
        SshNode("n2", "n2", 8, 1_500_000_000),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("n1 4 8\nn2 many 8\n", "desc:2"),
        ("nodes: [{host: n1, core: 4}]", "did you mean `cores`?"),
        ("nodes: [{cores: 4}]", "has no `host`"),
        ("nodes: [{host: n1, cores: 0}]", "cores"),
        ("nodes: ['-oProxyCommand=x']", "is not a host as ssh takes it"),
        ("nodes: [n1, ada@n1]", "n1 stands there twice"),
        ("hosts: [n1]", "write nodes: "),
        ("", "has no nodes"),
        ("nodes: [n1]\nssl: x", "did you mean `ssh`?"),
    ],
)
def test_what_makes_no_sense_is_told(text: str, said: str) -> None:
    """A host that ssh would take for an option is none, too."""
    with pytest.raises(Malformed) as caught:
        read_cluster(text, where="desc")
    assert said in "\n".join(str(one) for one in caught.value.complaints)
