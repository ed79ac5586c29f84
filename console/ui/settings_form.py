"""The fields of the settings, made from the values they begin with, and read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.cascade.words import tr
from console.languages import languages
from console.ui.settings_fields import Field, choice, line, number, secret, switch
from console.ui.settings_rules import (
    POLL_INTERVAL_MAX,
    POLL_WAIT_MAX,
    RETENTION_MAX,
    UNDO_MAX,
    Form,
    Stored,
)

LINES: Final = (
    "customer_id", "api_key", "api_url", "proxy", "ca_file", "relay_url", "relay_token", "default_country",
)  # fmt: skip
_CHOICES: Final = ("auth", "theme", "language")
_NUMBERS: Final = ("poll_wait", "poll_interval", "undo_seconds", "retention_days")
_SWITCHES: Final = ("notifications", "notification_text", "mask_numbers")


def make_fields(form: Form, stored: Stored, overridden: Mapping[str, str]) -> dict[str, Field]:
    """Every field by its name, holding what ``form`` says; ``overridden`` says who decides some of them."""
    made = (*_account(form, stored), *_relay(form, stored), *_privacy(form), *_desk(form))
    fields = {field.key: field for field in made}
    for key in LINES:
        fields[key].write(getattr(form, key))
    # What has no field here, such as where updates are asked for, is decided elsewhere alone.
    for key in overridden.keys() & fields.keys():
        fields[key].override(overridden[key])
    return fields


def read_form(fields: Mapping[str, Field], *, session_only: bool) -> Form:
    """What stands in the fields now."""
    values: dict[str, object] = {key: fields[key].text for key in LINES}
    values |= {key: fields[key].choice for key in _CHOICES}
    values |= {key: fields[key].number for key in _NUMBERS}
    values |= {key: fields[key].checked for key in _SWITCHES}
    values["default_country"] = fields["default_country"].text.upper()
    return Form(**values, session_only=session_only)  # type: ignore[arg-type]


def _account(form: Form, stored: Stored) -> tuple[Field, ...]:
    auth = (("digest", tr("Digest: the key is never sent")), ("basic", tr("Basic")))
    return (
        Field("customer_id", tr("&Customer id"), line("FFFFFFFF-EEEE-DDDD-1234-AB1234567890")),
        Field("api_key", tr("API &key"), secret(stored.api_key)),
        Field("auth", tr("&Sign requests by"), choice(auth, form.auth)),
        Field(
            "api_url",
            tr("API &address"),
            line("https://rest-ww.telesign.com"),
            tr("Another one only where Telesign gave your account its own, for a region."),
        ),
        Field(
            "proxy",
            tr("&Proxy"),
            line("http://proxy.example:3128"),
            tr("Empty uses the system's own; “none” uses none."),
        ),
        Field(
            "ca_file",
            tr("Extra ce&rtificates"),
            line(tr("Empty: the system's own are enough")),
            tr("A PEM file with your company's certificates, trusted besides the system's."),
        ),
    )


def _relay(form: Form, stored: Stored) -> tuple[Field, ...]:
    return (
        Field("relay_url", tr("Relay a&ddress"), line("https://relay.example")),
        Field("relay_token", tr("Relay to&ken"), secret(stored.relay_token)),
        Field(
            "poll_wait",
            tr("Wait for &news"),
            number(form.poll_wait, 0, POLL_WAIT_MAX, tr("s")),
            tr("How long one question to the relay stays open. 0 asks again and again instead."),
        ),
        Field(
            "poll_interval",
            tr("Ask &every"),
            number(form.poll_interval, 1, POLL_INTERVAL_MAX, tr("s")),
            tr("Only where waiting for news is 0."),
        ),
    )


def _privacy(form: Form) -> tuple[Field, ...]:
    return (
        Field(
            "retention_days",
            tr("&Keep messages for"),
            number(form.retention_days, 0, RETENTION_MAX, tr("days"), tr("ever")),
        ),
        Field("mask_numbers", "", switch(tr("&Shorten numbers on the screen"), on=form.mask_numbers),
              tr("For sharing the screen. Ctrl+Shift+M does the same at any time.")),
        Field("notifications", "", switch(tr("&Tell me when a customer answers"), on=form.notifications)),
        Field("notification_text", "",
              switch(tr("Show &what the customer wrote in the notification"), on=form.notification_text),
              tr("Notifications may be seen by others and kept by the system.")),
    )  # fmt: skip


def _desk(form: Form) -> tuple[Field, ...]:
    themes = (("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark")))
    spoken = (("system", tr("As the system")), *languages())
    return (
        Field(
            "default_country",
            tr("Default &country"),
            line("RS", longest=8),
            tr("Two letters. Numbers without a country code are read as numbers of this country."),
        ),
        Field("undo_seconds", tr("&Undo window"), number(form.undo_seconds, 0, UNDO_MAX, tr("s"))),
        Field("theme", tr("&Look"), choice(themes, form.theme)),
        Field(
            "language",
            tr("Lan&guage"),
            choice(spoken, form.language),
            tr("Used from the next start."),
        ),
    )
