"""The steps of setting up, as plain functions: what each needs, and what is said at the end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from console.cascade.words import tr
from console.ui.settings_rules import Form, Keychain, Stored, problems


class Step(Enum):
    """The pages of the wizard, in their order."""

    ACCOUNT = "account"
    RELAY = "relay"
    READY = "ready"


STEPS: Final = tuple(Step)
FIELDS: Final = {
    Step.ACCOUNT: ("customer_id", "api_key", "api_url", "auth", "proxy", "ca_file"),
    Step.RELAY: ("relay_url", "relay_token"),
    Step.READY: ("default_country", "notifications"),
}
CONNECTION: Final = frozenset({"proxy", "ca_file"})
"""Fields of the account's page that the relay is reached through as well."""


def title(step: Step) -> str:
    """The name of a step."""
    match step:
        case Step.ACCOUNT:
            return tr("Account")
        case Step.RELAY:
            return tr("Relay")
        case Step.READY:
            return tr("Ready")


def wrong(step: Step, form: Form, stored: Stored, keychain: Keychain) -> dict[str, str]:
    """What keeps the agent from going on from a step, by field; empty if nothing does.

    An account is what the wizard is for, so it asks for one; a relay may come later.
    """
    found = {
        each.field: each.text
        for each in reversed(problems(form, stored, keychain))
        if each.field in FIELDS[step] or (each.field == "session_only" and step is Step.ACCOUNT)
    }
    if step is Step.ACCOUNT:
        if not form.customer_id.strip():
            found.setdefault("customer_id", tr("Copy the customer id from Telesign's portal."))
        if not form.api_key.strip() and not stored.api_key:
            found.setdefault("api_key", tr("Copy the API key from Telesign's portal."))
    if step is Step.RELAY and not form.relay_url.strip() and form.relay_token.strip():
        found.setdefault("relay_url", tr("The address that belongs to the token is missing."))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary: what, how it stands, and whether that is as it should be."""

    text: str
    good: bool


def summary(
    form: Form, stored: Stored, keychain: Keychain, account_ok: bool | None, relay_ok: bool | None
) -> tuple[Line, ...]:
    """What will be kept, what works, and what does not yet.

    Args:
        account_ok: what the account's test said; ``None`` where it was not run on what stands there.
        relay_ok: the same for the relay.
    """
    lines = [
        Line(
            {
                True: tr("The account {id} answers.", id=form.customer_id.strip()),
                False: tr("The account {id} was tried and does not work yet.", id=form.customer_id.strip()),
                None: tr("The account {id} was not tried.", id=form.customer_id.strip()),
            }[account_ok],
            account_ok is True,
        )
    ]
    if not form.relay_url.strip():
        lines.append(
            Line(
                tr(
                    "No relay yet: messages can be sent, but reports and replies do not arrive. "
                    "Add it in the settings once you have one."
                ),
                good=False,
            )
        )
    else:
        lines.append(
            Line(
                {
                    True: tr("The relay answers and takes the token."),
                    False: tr("The relay was tried and does not work yet."),
                    None: tr("The relay was not tried."),
                }[relay_ok],
                relay_ok is True,
            )
        )
    if not (form.api_key or form.relay_token) and (stored.api_key or stored.relay_token):
        lines.append(Line(tr("The keys stay where they are."), good=True))
    elif keychain.available and not form.session_only:
        lines.append(Line(tr("The keys go into the system's keychain, nowhere else."), good=True))
    else:
        lines.append(Line(tr("The keys are forgotten when Cascade is closed."), good=False))
    lines.append(Line(tr("The other settings and all messages stay in this profile's folder."), good=True))
    return tuple(lines)
