"""Reading a job in another system's words; nothing is submitted."""

from __future__ import annotations

from rota.core.errors import Complaint, Malformed, did_you_mean
from rota.formats.dialects import DIALECTS, guess, native_of
from rota.server.parts import Parts
from rota.server.route import Call
from rota.wire import api


async def convert_text(parts: Parts, call: Call) -> api.Converted:
    """Read a job file of any dialect and say what it is in ours, and what was lost."""
    body: api.ConvertBody = call.body
    name = body.dialect or guess(body.text)
    if name not in DIALECTS:
        near = did_you_mean(name, tuple(DIALECTS))
        remedy = f"did you mean {near}?" if near else f"there are {', '.join(DIALECTS)}"
        raise Malformed(complaints=[Complaint("dialect", f"no dialect {name!r}", remedy)])
    # Foreign text may be slow to read: the loop does not wait for it.
    readings = await parts.read(DIALECTS[name].read, body.text, where="the text")
    jobs = [
        api.ReadingView(
            job=reading.doc if name == "rota" else native_of(reading.doc),
            sources=dict(reading.sources),
            notices=[
                api.NoticeView(where=where, what=what, fate=fate)
                for where, what, fate in reading.notices
            ],
        )
        for reading in readings
    ]
    about = {name: dialect.about for name, dialect in DIALECTS.items()}
    return api.Converted(dialect=name, dialects=about, jobs=jobs)
