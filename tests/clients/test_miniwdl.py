"""miniwdl with miniwdl-slurm: each task ``sbatch --wait … singularity exec …``.

There is no Singularity in Debian: the one here has the node's own files in every image,
and makes the same mounts.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.conftest import Run

SINGULARITY = """\
#!/bin/sh
case $1 in --version) echo "singularity 4.0"; exit ;; pull) : > "$2"; exit ;; esac
[ "$MOUNTS" ] || MOUNTS=own exec unshare --mount --map-root-user "$0" "$@"
mount -t tmpfs none /mnt; shift
while :; do case $1 in
    --pwd) folder=$2; shift 2 ;;
    --bind)
        from=${2%%:*} to=${2#*:}; to=${to%:ro}
        case $to in /mnt/*)
            if [ -d "$from" ]; then mkdir -p "$to"; else mkdir -p "${to%/*}"; : >> "$to"; fi
            mount --bind "$from" "$to" ;;
        esac
        shift 2 ;;
    --no-mount) shift 2 ;;
    -*) shift ;;
    *) break ;;
esac; done
shift; cd "$folder" && exec "$@"
"""


@pytest.mark.real
@pytest.mark.slow
def test_the_workflow_of_the_page(run: Run, tmp_path: Path) -> None:
    """Three tasks side by side, and one that needs them."""
    (tmp_path / "singularity").write_text(SINGULARITY)
    (tmp_path / "singularity").chmod(0o755)
    words = "miniwdl run --cfg miniwdl.cfg --dir out squares.wdl"
    done = run("sh", "-c", f"PATH=$PWD:$PATH exec {words}", page="miniwdl")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outputs"] == {"squares.total": 14}
