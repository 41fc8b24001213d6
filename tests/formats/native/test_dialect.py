"""Our own dialect beside the others."""

from rota.formats.native.dialect import read, write


def test_what_is_written_is_read_again() -> None:
    """Scripts as blocks, as people write them."""
    doc = {"name": "fit", "script": "#!/bin/sh\ntrue\n", "cores": 2}
    text, lost = write(doc)
    assert "script: |" in text and lost == []
    assert read(text, where="job.yaml")[0].doc == doc
