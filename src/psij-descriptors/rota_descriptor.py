"""Tells PSI/J that there is an executor called "rota"; PSI/J looks in folders so named."""

from packaging.version import Version
from psij.descriptor import Descriptor

__PSI_J_EXECUTORS__ = [
    Descriptor(
        name="rota",
        nice_name="Rota",
        version=Version("0.1.0"),
        cls="rota.faces.psij_executor.RotaJobExecutor",
    )
]
