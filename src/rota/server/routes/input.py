"""What is typed to a job that runs: passed on to its node, in order, as it comes.

    POST /jobs/12/input {b64, eof, rows, columns}  ─▶ input ─▶ its terminal

An answer says that the node has it: who sends the next piece after that types in order,
and a program that does not read is told of when its buffer is full.
"""

from __future__ import annotations

import base64
import binascii

from rota.core.errors import Complaint, Malformed
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.files import order
from rota.wire import api


async def type_to_job(parts: Parts, call: Call) -> api.StagedView:
    """Type to a running job, end its input, or tell it the size of its screen."""
    body: api.InputBody = call.body
    try:
        base64.b64decode(body.b64, validate=True)
    except binascii.Error as error:
        complaint = Complaint("b64", f"is not base64: {error}")
        raise Malformed("what is typed travels in base64", [complaint]) from None
    message = {"t": "input", "b64": body.b64, "eof": body.eof}
    size = {"rows": body.rows, "columns": body.columns}
    message |= {name: value for name, value in size.items() if value is not None}
    told, attempt = await order(parts, call, message, task=body.task)
    return api.StagedView(attempt=attempt["n"], tree=None, files=0, bytes=told.bytes)
