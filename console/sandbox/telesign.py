"""The stand-in for Telesign: takes orders, answers, lets the planned steps happen, tells.

It implements ``POST /v1/omnichannel`` and ``GET /v1/omnichannel/{reference_id}`` as the
documentation describes them, with Basic and Digest checked, and answers as the scenario says.
Whatever is checked before the recipient is known (credentials, the request itself) is checked
for every scenario. A refused *connection* cannot be a scenario: the number is not known yet.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from console.sandbox.agenda import Agenda, ProviderClock
from console.sandbox.callbacks import ANSWER_SECONDS, Caller, pause_after
from console.sandbox.gate import Gate
from console.sandbox.orders import Invalid, Order, read_order
from console.sandbox.plan import Answered, Change, plan
from console.sandbox.scenarios import DEFAULT, Answer, Refusal, Scenario, for_recipient, scenario
from console.sandbox.server import Break, HttpServer, Request, Response
from console.sandbox.store import Call, Due, Job, Store, Take
from console.sandbox.texts import describe
from console.sandbox.transaction import (
    QUERYABLE_SECONDS,
    JsonObject,
    Transaction,
    answer_body,
    delivery_body,
    reply_body,
    status_body,
    write_json,
)
from console.telesign.signing import AccountKey

OMNICHANNEL: Final = "/v1/omnichannel"
_REFERENCE_ID: Final = re.compile(r"[0-9A-Fa-f]{32}")
_KEPT_REQUESTS: Final = 1000
_CALLBACK_PATIENCE: Final = 5.0
"""Real seconds an answer waits for the first callback to overtake it."""
_BAD_GATEWAY: Final = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
_BREAKS: Final = {Answer.NEVER: Break.NEVER, Answer.CUT: Break.CUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request that reached the stand-in, for tests and for the curious."""

    method: str
    path: str
    body: bytes
    http_status: int
    """Of the answer meant, also where the scenario breaks it."""
    reference_id: str | None
    """Of the transaction it began; ``None`` where nothing was taken."""


class StandIn:
    """One stand-in. ``start`` before use, ``stop`` after; both on the loop that runs it.

    The store is the caller's to close, after ``stop``. ``start`` raises ``OSError`` where the
    port is taken. ``now`` gives the real time (aware) written into reports.
    """

    def __init__(
        self,
        *,
        key: AccountKey,
        relay_url: str,
        store: Store,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        answer_seconds: float = ANSWER_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.scenario: str | None = None
        """The scenario for every recipient; ``None``: by recipient. May be set from any thread."""
        self.received: tuple[Received, ...] = ()
        """The latest thousand requests, oldest first. May be read from any thread."""
        self._key = key
        self._relay_url = relay_url
        self._store = store
        self._now = now
        self._clock = ProviderClock(speed=speed, start=self._resumed_time())
        self._agenda: Agenda[Due] = Agenda(self._clock, self._begin)
        self._gate = Gate(key, now)
        self._http = HttpServer(self._handle, host=host, port=port)
        self._caller = Caller(key, relay_url, answer_seconds=answer_seconds)
        self._exit = AsyncExitStack()
        self._calling: set[asyncio.Task[None]] = set()
        self._in_turn: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._told: dict[str, asyncio.Event] = {}
        self._refused: Counter[tuple[str, str]] = Counter()
        self._at_rest = asyncio.Event()

    # -- life -------------------------------------------------------------------------------

    async def start(self) -> None:
        self._keep_time()
        self._store.forget_before(self._clock.now() - QUERYABLE_SECONDS)
        for due in self._store.due():
            self._agenda.add(due.at, due)
        self._note_rest()
        await self._exit.enter_async_context(self._caller)
        await self._http.start()
        self._exit.push_async_callback(self._http.stop)
        worker = asyncio.create_task(self._agenda.run(), name="sandbox agenda")
        worker.add_done_callback(_report)
        self._exit.push_async_callback(self._cancel, worker)

    async def stop(self) -> None:
        """Stop; what is still due stays in the store and goes on after the next start."""
        await self._exit.aclose()
        self._keep_time()

    async def _cancel(self, worker: asyncio.Task[None]) -> None:
        tasks = {worker, *self._calling}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """What ``CASCADE_API_URL`` must say."""
        return self._http.url

    @property
    def speed(self) -> float:
        """Provider seconds in one real second."""
        return self._clock.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._clock.speed = speed
        self._keep_time()
        self._agenda.wake()

    async def at_rest(self) -> None:
        """Wait until nothing is due any more: every step has happened and every callback is told."""
        await self._at_rest.wait()

    def _note_rest(self) -> None:
        if len(self._agenda) == 0 and not self._calling:
            self._at_rest.set()
        else:
            self._at_rest.clear()

    def _keep_time(self) -> None:
        """Remember how provider time and real time stand, so that it goes on after a restart."""
        self._store.put("provider_time", repr(self._clock.now()))
        self._store.put("kept_at", self._now().isoformat())
        self._store.put("speed", repr(self._clock.speed))

    def _resumed_time(self) -> float:
        kept, kept_at = self._store.get("provider_time"), self._store.get("kept_at")
        if kept is None or kept_at is None:
            return 0.0
        away = (self._now() - datetime.fromisoformat(kept_at)).total_seconds()
        return float(kept) + max(0.0, away) * float(self._store.get("speed") or 1.0)

    # -- requests ---------------------------------------------------------------------------

    async def _handle(self, request: Request) -> Response:
        if request.path == OMNICHANNEL and request.method == "POST":
            response, reference_id = await self._post(request)
        elif request.path.startswith(OMNICHANNEL + "/") and request.method == "GET":
            response, reference_id = self._get(request), None
        elif request.path == OMNICHANNEL or request.path.startswith(OMNICHANNEL + "/"):
            response, reference_id = Response(status=405, headers={"allow": "GET,POST,HEAD"}), None
        else:
            response, reference_id = Response(status=404), None
        seen = Received(
            method=request.method,
            path=request.path,
            body=request.body,
            http_status=response.status,
            reference_id=reference_id,
        )
        self.received = (*self.received[1 - _KEPT_REQUESTS :], seen)
        return response

    async def _post(self, request: Request) -> tuple[Response, str | None]:
        if (code := self._gate.refuses(request)) is not None:
            return _answer(401, code), None
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _answer(400, 3110, reference_id=_new_reference()), None
        order = read_order(request.body)
        if isinstance(order, Invalid):
            body = answer_body(
                order.code,
                description=order.description,
                external_id=order.external_id or "null",
                reference_id=_new_reference(),
            )
            return _json(400, body), None
        chosen = for_recipient(order.phone_number) if self.scenario is None else scenario(self.scenario)
        if refusal := self._refusal(order, chosen):
            return refusal, None
        transaction = self._accept(order, chosen)
        return await self._accepted(transaction, chosen), transaction.reference_id

    def _refusal(self, order: Order, chosen: Scenario) -> Response | None:
        if order.callback_url is not None and not self._may_call(order.callback_url):
            return _answer(429, 3203, external_id=order.external_id or "null")
        refusal: Refusal | None = chosen.refusal
        if refusal is None:
            return None
        message = (chosen.id, order.external_id or order.phone_number)
        if refusal.times is not None and self._refused[message] >= refusal.times:
            return None
        self._refused[message] += 1
        if refusal.code is None:
            return Response(status=refusal.http_status, body=_BAD_GATEWAY, content_type="text/html")
        # The documented default is the string "null", except that 401 has a JSON null.
        absent = None if refusal.http_status == 401 else "null"
        return _answer(refusal.http_status, refusal.code, external_id=order.external_id or absent)

    def _may_call(self, url: str) -> bool:
        """Only this machine and the relay: a training message must not call out to the world."""
        target, relay = urlsplit(url), urlsplit(self._relay_url)
        if (target.scheme, target.netloc) == (relay.scheme, relay.netloc):
            return True
        host = target.hostname or ""
        try:
            return host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            return False

    def _accept(self, order: Order, chosen: Scenario) -> Transaction:
        now = self._clock.now()
        transaction = Transaction(
            reference_id=_new_reference(),
            external_id=order.external_id,
            scenario_id=chosen.id,
            phone_number=order.phone_number,
            asked=tuple(each.channel for each in order.channels),
            accepted_at=now,
            updated_on=self._now(),
            reply_id=order.reply_id,
            sender_id=order.sender_id,
            callback_url=order.callback_url,
        )
        if chosen.answer is Answer.AFTER_CALLBACK:
            self._told[transaction.reference_id] = asyncio.Event()
        self._write(
            transaction=transaction,
            add=[
                (now + step.at, Take(reference_id=transaction.reference_id, step=step))
                for step in plan(order, chosen)
            ],
        )
        return transaction

    async def _accepted(self, transaction: Transaction, chosen: Scenario) -> Response:
        body = answer_body(
            3001,
            description=describe(3001),
            external_id=transaction.external_id,
            reference_id=transaction.reference_id,
        )
        response = replace(_json(200, body), broken=_BREAKS.get(chosen.answer))
        if chosen.answer is Answer.GARBLED:
            return replace(response, body=response.body[: len(response.body) // 2])
        if chosen.answer is Answer.AFTER_CALLBACK:
            await self._first_callback(transaction.reference_id)
        return response

    async def _first_callback(self, reference_id: str) -> None:
        try:
            async with asyncio.timeout(_CALLBACK_PATIENCE):
                await self._told[reference_id].wait()
        except TimeoutError:
            pass  # nobody takes callbacks; the answer must not wait for ever
        finally:
            del self._told[reference_id]

    def _get(self, request: Request) -> Response:
        if (code := self._gate.refuses(request)) is not None:
            return _status(401, code)
        reference_id = request.path.removeprefix(OMNICHANNEL + "/")
        if not _REFERENCE_ID.fullmatch(reference_id):
            return _status(400, 3311)
        transaction = self._store.transaction(reference_id.upper())
        if transaction is None or self._clock.now() - transaction.accepted_at > QUERYABLE_SECONDS:
            return _status(404, -10004)
        chosen = _scenario_of(transaction)
        if not chosen.query_enabled:
            return _status(401, 3206)
        return _json(200, status_body(transaction, chosen.forms))

    # -- what is due ------------------------------------------------------------------------

    def _write(
        self,
        *,
        transaction: Transaction | None = None,
        done: Due | None = None,
        add: list[tuple[float, Job]] | None = None,
    ) -> None:
        for due in self._store.write(transaction=transaction, done=done, add=add or []):
            self._agenda.add(due.at, due)
        self._note_rest()

    def _begin(self, due: Due) -> None:
        job = due.job
        if isinstance(job, Take):
            self._take(due, job)
            return
        task = asyncio.create_task(self._call(due, job), name="sandbox callback")
        self._calling.add(task)
        task.add_done_callback(self._called)

    def _take(self, due: Due, take: Take) -> None:
        transaction = self._store.transaction(take.reference_id)
        if transaction is None:
            self._write(done=due)
            return
        step = take.step
        calls: list[tuple[float, Job]]
        if isinstance(step, Change):
            transaction = transaction.after(step, at=self._now(), channel_reference=_new_reference())
            calls = self._delivery_calls(due.at, transaction, step)
        else:
            calls = [(due.at, self._reply_call(transaction, step))]
        self._write(transaction=transaction, done=due, add=calls)

    def _delivery_calls(self, at: float, transaction: Transaction, change: Change) -> list[tuple[float, Job]]:
        chosen = _scenario_of(transaction)
        call = Call(
            reference_id=transaction.reference_id,
            url=transaction.callback_url,
            label=None,
            method=chosen.method,
            body=write_json(delivery_body(transaction, chosen.forms)),
        )
        return [(at + delay, call) for delay in change.told]

    def _reply_call(self, transaction: Transaction, answered: Answered) -> Call:
        reply = answered.reply
        body = reply_body(transaction, reply, at=self._now(), own_reference=_new_reference())
        return Call(
            reference_id=transaction.reference_id,
            url=None,
            label=reply.channel,
            method="POST",
            body=write_json(body),
        )

    async def _call(self, due: Due, call: Call) -> None:
        # One message's callbacks go out one after the other, so that their order is the plan's.
        async with self._in_turn.setdefault(call.reference_id, asyncio.Lock()):
            taken = await self._caller.attempt(call)
        if taken and (event := self._told.get(call.reference_id)):
            event.set()
        pause = None if taken else pause_after(call.attempt)
        if pause is None:
            self._write(done=due)
        else:
            again = replace(call, attempt=call.attempt + 1)
            self._write(done=due, add=[(self._clock.now() + pause, again)])

    def _called(self, task: asyncio.Task[None]) -> None:
        self._calling.discard(task)
        self._note_rest()
        _report(task)


def _report(task: asyncio.Task[None]) -> None:
    """Have a task's unexpected end (a full disk, a bug) told by the loop's exception handler."""
    if not task.cancelled() and (error := task.exception()):
        raise error


def _scenario_of(transaction: Transaction) -> Scenario:
    try:
        return scenario(transaction.scenario_id)
    except KeyError:  # kept by a version whose catalogue was another
        return scenario(DEFAULT)


def _new_reference() -> str:
    return uuid.uuid4().hex.upper()


def _json(http_status: int, body: JsonObject) -> Response:
    return Response(status=http_status, body=write_json(body).encode())


def _answer(
    http_status: int, code: int, *, external_id: str | None = None, reference_id: str | None = None
) -> Response:
    body = answer_body(code, description=describe(code), external_id=external_id, reference_id=reference_id)
    return _json(http_status, body)


def _status(http_status: int, code: int) -> Response:
    return _json(http_status, {"status": {"code": code, "description": describe(code)}})
