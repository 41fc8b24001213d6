"""``concurrent.futures.Executor`` on the queue: functions run as jobs.

    with Executor(cores=4, memory="2GB") as pool:
        future = pool.submit(fit, 7)            # one job
        results = list(pool.map(fit, range(100)))   # one array job

Functions travel pickled, through a folder that the nodes see, too; by reference to their
module, or by value where ``cloudpickle`` is installed.  A future that has not started can
be cancelled; one that runs ends with ``shutdown(cancel_futures=True)``.
"""

from __future__ import annotations

import concurrent.futures as futures
import os
import pickle
import shutil
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any

from rota.client.http import Client
from rota.core.errors import RotaError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FINAL = frozenset({"done", "failed", "cancelled"})
CALLS_MAX = 1_000_000
PAUSE_S = 0.5


class JobFailed(RuntimeError):
    """The job of a call ended without a result; the sentence says how."""


class RemoteTraceback(Exception):
    """Where in the job an exception was raised: the cause of what ``result`` raises."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


class _Call(futures.Future[Any]):
    """The future of one call; who cancels it before it runs cancels its task."""

    def __init__(self, executor: Executor, target: str) -> None:
        super().__init__()
        self._executor, self.target = executor, target

    def cancel(self) -> bool:
        """Cancel the call if it has not started; return whether that could be done."""
        if not super().cancel():
            return False
        self._executor._kill([self.target])
        return True


class _Batch:
    """The calls of one job: where they lie, and their futures by index."""

    def __init__(self, folder: str, calls: dict[int, _Call]) -> None:
        self.folder, self.calls = folder, calls


class Executor(futures.Executor):
    """See the head of the file.

    Args:
        client: a server to run on; else as ``Client(server, home=home)`` finds it
        folder: where functions and results lie, seen by all nodes; else ~/.cache/rota
        python: the interpreter on the nodes; this one when None
        keys:   keys of a job file for every call: cores, memory, queue, env …
    """

    def __init__(
        self, server: str | None = None, *, home: str | None = None,
        folder: str | None = None, python: str | None = None, **keys: Any,
    ) -> None:  # fmt: skip
        cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self._where = (server, home)
        self._client = Client(server, home=home)
        self._folder = os.path.abspath(folder or os.path.join(cache, "rota", "calls"))
        self._python = python or sys.executable
        self._keys = keys
        self._lock = threading.RLock()
        self._empty = threading.Condition(self._lock)
        self._batches: dict[int, _Batch] = {}
        self._watcher: threading.Thread | None = None
        self._is_shut = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> _Call:
        """Run ``fn(*args, **kwargs)`` as a job; return its future.

        Raises:
            RuntimeError: after ``shutdown``.
            TypeError: the function cannot be pickled; the sentence says what helps.
            rota.core.errors.RotaError: the server refused, or is away.
        """
        return self._hand_in(fn, [(args, kwargs)])[0]

    def map(
        self, fn: Callable[..., Any], *iterables: Iterable[Any],
        timeout: float | None = None, chunksize: int = 1,
    ) -> Iterator[Any]:  # fmt: skip
        """Return the results of ``fn`` over *iterables*, in order: one array job.

        *chunksize* is taken and changes nothing: tasks of an array share what they can.

        Raises:
            TimeoutError: a result was not there *timeout* seconds after the call.
        """
        import time

        until = None if timeout is None else time.monotonic() + timeout
        rows: list[tuple[tuple[Any, ...], dict[str, Any]]]
        rows = [(args, {}) for args in zip(*iterables, strict=False)]
        calls = self._hand_in(fn, rows) if rows else []

        def results() -> Iterator[Any]:
            try:
                for call in calls:
                    left = None if until is None else max(0.0, until - time.monotonic())
                    yield call.result(left)
            finally:
                self._kill([call.target for call in calls if futures.Future.cancel(call)])

        return results()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; wait for those there are, or end them all."""
        with self._lock:
            self._is_shut = True
            if cancel_futures:
                self._kill([str(job) for job in self._batches])
            while wait and self._batches:
                self._empty.wait(1.0)

    def _hand_in(
        self, fn: Callable[..., Any], rows: list[tuple[tuple[Any, ...], dict[str, Any]]]
    ) -> list[_Call]:
        if len(rows) > CALLS_MAX:
            raise ValueError(f"{len(rows)} calls at once; at most {CALLS_MAX}")
        function, args = dumped(fn), dumped(rows)
        with self._lock:
            if self._is_shut:
                raise RuntimeError("cannot schedule new futures after shutdown")
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            folder = tempfile.mkdtemp(dir=self._folder)
            for name, data in (("function", function), ("args", args)):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(data)
            self._watch()
            try:
                job = self._client.submit(self._document(fn, folder, len(rows)))[0].id
            except RotaError:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            is_array = len(rows) > 1
            targets = [f"{job}[{i}]" if is_array else str(job) for i in range(len(rows))]
            calls = [_Call(self, target) for target in targets]
            self._batches[job] = _Batch(folder, dict(enumerate(calls)))
        return calls

    def _document(self, fn: Callable[..., Any], folder: str, count: int) -> dict[str, Any]:
        index = "{task}" if count > 1 else "0"
        environ = {
            name: value for name, value in os.environ.items()
            if not name.startswith("ROTA_") and name.isprintable() and "\n" not in name
        }  # fmt: skip
        environ["PYTHONPATH"] = os.pathsep.join(os.path.abspath(p) for p in sys.path)
        doc = {
            "argv": [self._python, "-m", "rota.client.call", folder, index],
            "name": getattr(fn, "__name__", "call")[:200], "cwd": os.getcwd(),
            **self._keys,
            "env": {**environ, **self._keys.get("env", {})},
        }  # fmt: skip
        return {**doc, "array": f"0-{count - 1}"} if count > 1 else doc

    def _kill(self, targets: list[str]) -> None:
        if targets:
            with self._lock:
                try:
                    self._client.kill(*targets, wait=False)
                except RotaError as error:
                    # It has ended meanwhile; anything else the futures will tell.
                    if isinstance(error, Unreachable):
                        raise

    def _watch(self) -> None:
        if self._watcher is None:
            since = self._client.jobs(limit=1).seq
            self._watcher = threading.Thread(
                target=self._listen, args=(since,), daemon=True
            )
            self._watcher.start()

    def _listen(self, since: int | None) -> None:
        """Settle futures as their tasks end, as long as there is anything to wait for."""
        client = Client(self._where[0], home=self._where[1])
        while True:
            try:
                for event in client.watch(since=since, level="task", beat_s=PAUSE_S):
                    if event is not None and event.name == "moved":
                        since = int(event.data["seq"])
                        self._moved(client, event.data)
                    if self._is_done():
                        return
            except Unreachable:
                # The server is away: jobs go on without it, and so does waiting.
                threading.Event().wait(PAUSE_S)

    def _is_done(self) -> bool:
        with self._lock:
            done = self._is_shut and not self._batches
            if done:
                self._watcher = None
            return done

    def _moved(self, client: Client, line: dict[str, Any]) -> None:
        with self._lock:
            batch = self._batches.get(int(line["job"]))
        if batch is None:
            return
        task, state = line.get("task"), line["after"]
        indexes = list(batch.calls) if task is None else [int(task)]
        for index in indexes:
            call = batch.calls.get(index)
            if call is None:
                continue
            if state == "running" and not call.running() and not call.done():
                call.set_running_or_notify_cancel()
            elif state in FINAL:
                settle(call, f"{batch.folder}/result.{index}", line)
                del batch.calls[index]
        if not batch.calls:
            shutil.rmtree(batch.folder, ignore_errors=True)
            with self._lock:
                self._batches.pop(int(line["job"]), None)
                self._empty.notify_all()


def settle(call: futures.Future[Any], path: str, line: dict[str, Any]) -> None:
    """Give *call* what came of it: its value, its exception, or how its job ended."""
    if call.cancelled() or not (call.running() or call.set_running_or_notify_cancel()):
        return
    try:
        with open(path, "rb") as file:
            answer = pickle.load(file)  # noqa: S301  # written by the user's own job
    except FileNotFoundError:
        told = (line.get("reason") or {}).get("text") or line["after"]
        call.set_exception(JobFailed(f"job {line['job']}: {told}"))
        return
    except Exception as error:  # noqa: BLE001  # a value whose module is not here
        call.set_exception(error)
        return
    if answer[0]:
        call.set_result(answer[1])
    else:
        answer[1].__cause__ = RemoteTraceback(answer[2])
        call.set_exception(answer[1])


def dumped(value: Any) -> bytes:
    """Return *value* pickled, by cloudpickle where it is installed.

    Raises:
        TypeError: it cannot be; the sentence says what helps.
    """
    try:
        import cloudpickle
    except ImportError:
        cloudpickle = None
    if cloudpickle is not None:
        return bytes(cloudpickle.dumps(value))
    if getattr(value, "__module__", "") == "__main__":
        raise TypeError(
            f"{getattr(value, '__name__', value)!r} is of the program itself, which the job"
            " cannot import; put it into a module, or install cloudpickle"
        )
    try:
        return pickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(
            f"cannot be sent to a job: {error};"
            " put it into a module, or install cloudpickle"
        ) from None
