"""What can happen to a message in the sandbox: the catalogue of scenarios, as data.

A scenario is chosen by the recipient, +1 202 555 01NN (numbers set aside for fiction, valid
for a numbering library), or for every recipient from the window's menu. To add one, add one
entry to ``_CATALOGUE``; its number, its place in the menu and its tests follow from it.

Durations are *provider seconds*: seconds at speed 1, divided by the sandbox's speed factor.
Nothing heavy is imported here: the window reads this module before the sandbox runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from console.cascade.words import mark, tr

_NUMBER_STEM: Final = "120255501"
"""Digits before the two that choose the scenario: Washington, D.C., reserved for fiction."""

HOUR: Final = 3600.0


class Since(StrEnum):
    """What a turn's ``after`` is counted from."""

    START = "start"
    """The moment the channel began to try."""
    TIMEOUT = "timeout"
    """The end of the channel's fallback time; the channel then reports 3056 first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One change of one channel's status."""

    code: int
    after: float
    """Provider seconds, counted as ``since`` says."""
    since: Since = Since.START
    told: tuple[float, ...] | None = None
    """Delays (provider seconds) of the callbacks about this change; ``()`` tells nobody,
    ``None`` follows the scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the customer answers, if the channel delivered."""

    channel: str
    text: str
    after: float
    """Provider seconds after the channel delivered."""
    action: str | None = None
    """Telesign's reading of an SMS keyword: ``stop``, ``help``, ``start``; ``None`` is generic."""
    own_reference: bool = False
    """The reply carries a reference id of its own instead of the message's. Telesign's pages
    leave open which it is, so both occur here."""


class Answer(StrEnum):
    """How a POST that is taken is answered."""

    ACCEPTED = "accepted"
    AFTER_CALLBACK = "after_callback"
    """Accepted, but the first callback arrives before the answer does."""
    NEVER = "never"
    """Accepted, never answered."""
    CUT = "cut"
    """Accepted; half of the answer, then a reset."""
    GARBLED = "garbled"
    """Accepted; a complete HTTP 200 whose body is not JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A POST that is not taken."""

    http_status: int
    code: int | None
    """Telesign's status code; ``None`` answers with a proxy's HTML page."""
    times: int | None = None
    """How many POSTs of one message are refused before one is taken; ``None``: all of them."""


class TimeForm(StrEnum):
    """How a moment is written; several forms occur in one callback (reference, section 8)."""

    MICROSECONDS = "microseconds"  # 2020-08-27T17:28:49.559307Z
    NO_ZONE = "no_zone"  # 2018-02-12T14:57:11.765723
    COLON = "colon"  # 2020-05-04 22:07:01:226
    MILLISECONDS = "milliseconds"  # 2020-05-04 22:06:03.837
    ZERO_FRACTION = "zero_fraction"  # 2024-11-12T13:08:37.000000Z
    SECONDS = "seconds"  # 2019-11-01T00:26:16Z
    HTTP_DATE = "http_date"  # Thu, 23 Jun 2022 19:03:44 GMT


FINE_FORMS: Final = (TimeForm.COLON, TimeForm.MILLISECONDS, TimeForm.MICROSECONDS, TimeForm.NO_ZONE)
COARSE_FORMS: Final = (TimeForm.HTTP_DATE, TimeForm.SECONDS, TimeForm.ZERO_FRACTION)

_VIBER_DELIVERED: Final = Turn(code=3000, after=2.0)
_VIBER_READ: Final = Turn(code=3005, after=6.0)
_SMS_DELIVERED: Final = Turn(code=3000, after=3.0)
_NO_VIBER: Final = Turn(code=3055, after=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One thing that can happen.

    ``title`` and ``sentence`` are for a trainee; :func:`catalogue` gives them translated.
    """

    id: str
    suffix: str
    """Two digits: the end of the number that chooses this scenario."""
    title: str
    sentence: str
    viber: tuple[Turn, ...] = (_VIBER_DELIVERED, _VIBER_READ)
    """Empty: Viber says nothing, and reports 3056 when the fallback time ends."""
    sms: tuple[Turn, ...] = (_SMS_DELIVERED,)
    others: Mapping[str, tuple[Turn, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Channels nobody asked for that appear in reports all the same, from the acceptance on."""
    told: tuple[float, ...] = (0.0,)
    """Delays of the callbacks about each change that does not say otherwise."""
    timeout_told: tuple[float, ...] | None = None
    """The same for 3056, the end of the fallback time; ``None`` follows ``told``."""
    replies: tuple[Reply, ...] = ()
    answer: Answer = Answer.ACCEPTED
    refusal: Refusal | None = None
    query_enabled: bool = True
    """Whether ``GET`` of the status is enabled; otherwise 401 with 3206."""
    method: str = "POST"
    """Of the delivery callbacks; one of Telesign's pages prints ``GET`` with a body."""
    forms: tuple[TimeForm, ...] = FINE_FORMS

    @property
    def number(self) -> str:
        """The recipient that chooses this scenario, in E.164: ``+12025550103``."""
        return f"+{_NUMBER_STEM}{self.suffix}"


_CATALOGUE: Final = (
    Scenario(
        id="viber_delivered",
        suffix="01",
        title=mark("Viber delivered"),
        sentence=mark("Viber delivers after two seconds; the customer does not open it."),
        viber=(_VIBER_DELIVERED,),
    ),
    Scenario(
        id="viber_read",
        suffix="02",
        title=mark("Viber delivered, then read"),
        sentence=mark("Viber delivers and the customer reads it a few seconds later."),
    ),
    Scenario(
        id="fallback_sms",
        suffix="03",
        title=mark("Fallback, then SMS delivered"),
        sentence=mark("Viber does not deliver within the fallback time, so SMS is sent and arrives."),
        viber=(),
    ),
    Scenario(
        id="viber_after_sms",
        suffix="04",
        title=mark("Viber after SMS: the customer gets both"),
        sentence=mark("SMS has already arrived when the customer's phone comes back to Viber."),
        viber=(Turn(code=3000, after=8.0, since=Since.TIMEOUT),),
    ),
    Scenario(
        id="both_fail",
        suffix="05",
        title=mark("Viber and SMS both fail"),
        sentence=mark("Viber runs out of time and the carrier rejects the SMS for good."),
        viber=(),
        sms=(Turn(code=3042, after=3.0),),
    ),
    Scenario(
        id="no_viber",
        suffix="06",
        title=mark("Number without Viber"),
        sentence=mark("The number has no Viber (3055), so SMS is sent at once without waiting."),
        viber=(_NO_VIBER,),
    ),
    Scenario(
        id="blocked",
        suffix="07",
        title=mark("Blocked on Viber"),
        sentence=mark("The customer has blocked your business on Viber (3046); SMS still arrives."),
        viber=(Turn(code=3046, after=1.0),),
    ),
    Scenario(
        id="reply_viber",
        suffix="08",
        title=mark("Reply by Viber"),
        sentence=mark("The customer reads the message and answers in Viber."),
        replies=(Reply(channel="viber", text="Thank you, I will be there 👍", after=9.0),),
    ),
    Scenario(
        id="reply_sms",
        suffix="09",
        title=mark("Reply by SMS"),
        sentence=mark("The number has no Viber; the SMS arrives and the customer answers it."),
        viber=(_NO_VIBER,),
        replies=(Reply(channel="sms", text="Can we make it an hour later?", after=6.0),),
    ),
    Scenario(
        id="stop",
        suffix="10",
        title=mark("STOP by SMS"),
        sentence=mark("The customer answers the SMS with STOP and must not be written to again."),
        viber=(_NO_VIBER,),
        replies=(Reply(channel="sms", text="STOP", after=5.0, action="stop", own_reference=True),),
    ),
    Scenario(
        id="stop_viber",
        suffix="11",
        title=mark("STOP by Viber"),
        sentence=mark("The customer writes STOP in Viber, where Telesign does not recognise keywords."),
        replies=(Reply(channel="viber", text="STOP", after=5.0),),
    ),
    Scenario(
        id="no_callbacks",
        suffix="12",
        title=mark("No callbacks at all"),
        sentence=mark("Viber delivers, but no callback ever comes; only asking for the status tells."),
        told=(),
    ),
    Scenario(
        id="nobody_tells",
        suffix="13",
        title=mark("No callbacks, and no status either"),
        sentence=mark("No callback comes, and the account may not ask for the status (3206)."),
        told=(),
        query_enabled=False,
    ),
    Scenario(
        id="duplicates",
        suffix="14",
        title=mark("Every callback three times"),
        sentence=mark("Each callback arrives three times; the timeline shows it once."),
        told=(0.0, 0.5, 1.0),
    ),
    Scenario(
        id="out_of_order",
        suffix="15",
        title=mark("Out of order"),
        sentence=mark("“Read” arrives first and “delivered” comes after it."),
        viber=(Turn(code=3000, after=2.0, told=(8.0,)), _VIBER_READ),
    ),
    Scenario(
        id="fallback_out_of_order",
        suffix="16",
        title=mark("Fallback told after SMS"),
        sentence=mark("The news that Viber ran out of time comes after the news that SMS arrived."),
        viber=(),
        timeout_told=(8.0,),
    ),
    Scenario(
        id="late",
        suffix="17",
        title=mark("Callbacks an hour late"),
        sentence=mark("Viber delivers at once, but the callbacks come an hour later."),
        told=(HOUR,),
        forms=COARSE_FORMS,
    ),
    Scenario(
        id="fallback_told_once",
        suffix="18",
        title=mark("Fallback, told only at the end"),
        sentence=mark("As the fallback above, but one callback tells it all, when SMS has arrived."),
        viber=(),
        timeout_told=(),
        method="GET",
    ),
    Scenario(
        id="unconfirmed",
        suffix="19",
        title=mark("Not confirmed by the network"),
        sentence=mark("The number has no Viber and the SMS network never confirms delivery (3004)."),
        viber=(_NO_VIBER,),
        sms=(Turn(code=3002, after=1.0), Turn(code=3004, after=5.0)),
    ),
    Scenario(
        id="sms_gateway",
        suffix="20",
        title=mark("SMS waits at the gateway"),
        sentence=mark("SMS stands at the gateway for a while before it arrives."),
        viber=(_NO_VIBER,),
        sms=(Turn(code=3002, after=1.0), Turn(code=3040, after=3.0), Turn(code=3000, after=9.0)),
        forms=COARSE_FORMS,
    ),
    Scenario(
        id="opted_out",
        suffix="21",
        title=mark("Blocked everywhere"),
        sentence=mark("The customer has blocked messages on Viber and on SMS (3046)."),
        viber=(Turn(code=3046, after=1.0),),
        sms=(Turn(code=3046, after=2.0),),
    ),
    Scenario(
        id="outside_session",
        suffix="22",
        title=mark("Outside the conversation"),
        sentence=mark("Viber takes session texts only during a conversation (3114), so SMS is sent."),
        viber=(Turn(code=3114, after=1.0),),
    ),
    Scenario(
        id="callback_first",
        suffix="23",
        title=mark("Callback before the answer"),
        sentence=mark("The first callback overtakes Telesign's answer to your request."),
        answer=Answer.AFTER_CALLBACK,
    ),
    Scenario(
        id="read_only",
        suffix="24",
        title=mark("Read without delivered"),
        sentence=mark("“Read” comes and “delivered” never does."),
        viber=(Turn(code=3005, after=4.0),),
    ),
    Scenario(
        id="unknown_code",
        suffix="25",
        title=mark("A code nobody knows"),
        sentence=mark("Viber reports a code that is in no documentation (3999), then delivers."),
        viber=(Turn(code=3999, after=2.0), Turn(code=3000, after=6.0)),
    ),
    Scenario(
        id="unknown_channel",
        suffix="26",
        title=mark("A channel nobody knows"),
        sentence=mark("A channel you did not ask for appears in the reports; SMS arrives."),
        viber=(_NO_VIBER,),
        others=MappingProxyType({"hologram": (Turn(code=3002, after=2.0),)}),
    ),
    Scenario(
        id="unauthorised",
        suffix="40",
        title=mark("Credentials refused (401)"),
        sentence=mark("Telesign does not accept the account's credentials; nothing is sent."),
        refusal=Refusal(http_status=401, code=3400),
    ),
    Scenario(
        id="rate_limited",
        suffix="41",
        title=mark("Too fast, then accepted (429)"),
        sentence=mark("Telesign says “too many requests” (3204) twice, then takes the message."),
        refusal=Refusal(http_status=429, code=3204, times=2),
    ),
    Scenario(
        id="not_enabled",
        suffix="42",
        title=mark("Product not enabled (429)"),
        sentence=mark("The account may not use this product (3206); trying again cannot help."),
        refusal=Refusal(http_status=429, code=3206),
    ),
    Scenario(
        id="callback_url_not_enabled",
        suffix="43",
        title=mark("Callback URL not enabled (429)"),
        sentence=mark("The account may not choose its own callback URL (3203); nothing is sent."),
        refusal=Refusal(http_status=429, code=3203),
    ),
    Scenario(
        id="unavailable",
        suffix="44",
        title=mark("Out of service, then accepted (503)"),
        sentence=mark("Telesign is out of service for one request (3500), then takes the message."),
        refusal=Refusal(http_status=503, code=3500, times=1),
    ),
    Scenario(
        id="html_502",
        suffix="45",
        title=mark("HTML error page (502)"),
        sentence=mark("Something on the way answers with a web page; nobody says what became of it."),
        refusal=Refusal(http_status=502, code=None),
    ),
    Scenario(
        id="no_answer",
        suffix="46",
        title=mark("Accepted, but no answer"),
        sentence=mark("Telesign takes the message and never answers; the callbacks tell."),
        answer=Answer.NEVER,
    ),
    Scenario(
        id="cut_answer",
        suffix="47",
        title=mark("Answer cut in the middle"),
        sentence=mark("Telesign takes the message and the connection breaks half-way through the answer."),
        answer=Answer.CUT,
    ),
    Scenario(
        id="garbled_answer",
        suffix="48",
        title=mark("Unreadable answer"),
        sentence=mark("Telesign takes the message, and its answer (HTTP 200) makes no sense."),
        answer=Answer.GARBLED,
    ),
    Scenario(
        id="cut_then_silence",
        suffix="49",
        title=mark("Answer cut, then silence"),
        sentence=mark("The answer breaks off and no callback comes; nobody will ever tell."),
        answer=Answer.CUT,
        told=(),
        query_enabled=False,
    ),
)

_BY_ID: Final = {scenario.id: scenario for scenario in _CATALOGUE}
_BY_SUFFIX: Final = {scenario.suffix: scenario for scenario in _CATALOGUE}
DEFAULT: Final = "viber_read"
"""What happens to every recipient that chooses nothing else."""


def catalogue() -> tuple[Scenario, ...]:
    """Every scenario in the order of the menu, with its texts in the language installed."""
    return tuple(replace(each, title=tr(each.title), sentence=tr(each.sentence)) for each in _CATALOGUE)


def scenario(scenario_id: str) -> Scenario:
    """The scenario of that id. Raises ``KeyError`` for an id that is not in the catalogue."""
    return _BY_ID[scenario_id]


def for_recipient(digits: str) -> Scenario:
    """The scenario that a recipient (digits, country code first) chooses, else the default one."""
    if len(digits) == len(_NUMBER_STEM) + 2 and digits.startswith(_NUMBER_STEM):
        return _BY_SUFFIX.get(digits[-2:], _BY_ID[DEFAULT])
    return _BY_ID[DEFAULT]
