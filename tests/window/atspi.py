"""Reads and works a window from outside its process, the way a screen reader does: AT-SPI over D-Bus.

Only what the tests need: find a widget by its object name, read its name and text, set a
value or a text, press it, hear what is announced. Needs a session bus and Qt's accessibility
switched on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from jeepney import DBusAddress, MatchRule, Message, MessageType, Properties, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import DBusErrorResponse

T = TypeVar("T")

_ACCESSIBLE = "org.a11y.atspi.Accessible"
_CALL_SECONDS = 10.0


class NotShownError(AssertionError):
    """Nothing of that name appeared within the time given."""


@dataclass(frozen=True, slots=True)
class Node:
    """One accessible object: a widget, or a cell of a table."""

    bus: DBusConnection
    service: str
    path: str

    def _call(self, interface: str, method: str, signature: str | None = None, *arguments: Any) -> Any:
        address = DBusAddress(self.path, bus_name=self.service, interface=interface)
        reply = self.bus.send_and_get_reply(
            new_method_call(address, method, signature, arguments), timeout=_CALL_SECONDS
        )
        if reply.header.message_type is MessageType.error:
            raise DBusErrorResponse(reply)
        return reply.body[0] if reply.body else None

    def _get(self, interface: str, name: str) -> Any:
        address = DBusAddress(self.path, bus_name=self.service, interface=interface)
        reply = self.bus.send_and_get_reply(Properties(address).get(name), timeout=_CALL_SECONDS)
        if reply.header.message_type is MessageType.error:
            raise DBusErrorResponse(reply)
        return reply.body[0][1]

    @property
    def name(self) -> str:
        """The accessible name."""
        return str(self._get(_ACCESSIBLE, "Name"))

    @property
    def accessible_id(self) -> str:
        """Qt publishes the path of object names; the widget's own is the last part."""
        try:
            return str(self._get(_ACCESSIBLE, "AccessibleId"))
        except DBusErrorResponse:
            return ""

    @property
    def role(self) -> str:
        return str(self._call(_ACCESSIBLE, "GetRoleName"))

    @property
    def children(self) -> list[Node]:
        found = self._call(_ACCESSIBLE, "GetChildren")
        return [Node(self.bus, service, path) for service, path in found]

    @property
    def extents(self) -> tuple[int, int, int, int]:
        """Left, top, width and height on the screen, in pixels."""
        left, top, width, height = self._call("org.a11y.atspi.Component", "GetExtents", "u", 0)
        return left, top, width, height

    @property
    def states(self) -> set[int]:
        low, high = self._call(_ACCESSIBLE, "GetState")
        bits = low | (high << 32)
        return {number for number in range(64) if bits >> number & 1}

    @property
    def focused(self) -> bool:
        return {12, 25} <= self.states  # ATSPI_STATE_FOCUSED, _SHOWING

    @property
    def enabled(self) -> bool:
        return 8 in self.states  # ATSPI_STATE_ENABLED

    @property
    def text(self) -> str:
        """The text of an edit or a label; for a label without the text interface, its name."""
        try:
            return str(self._call("org.a11y.atspi.Text", "GetText", "ii", 0, -1))
        except DBusErrorResponse:
            return self.name

    def write(self, text: str) -> None:
        """Replace the whole text of an edit."""
        self._call("org.a11y.atspi.EditableText", "SetTextContents", "s", text)

    @property
    def value(self) -> float:
        return float(self._get("org.a11y.atspi.Value", "CurrentValue"))

    def slide(self, value: float) -> None:
        """Set the value of a slider or a spin box."""
        address = DBusAddress(self.path, bus_name=self.service, interface="org.a11y.atspi.Value")
        reply = self.bus.send_and_get_reply(
            Properties(address).set("CurrentValue", "d", value), timeout=_CALL_SECONDS
        )
        if reply.header.message_type is MessageType.error:
            raise DBusErrorResponse(reply)

    def press(self) -> None:
        """Do the first action: press a button, toggle a box."""
        self._call("org.a11y.atspi.Action", "DoAction", "i", 0)

    def walk(self) -> Iterator[Node]:
        """This object and everything below it."""
        yield self
        for child in self.children:
            try:
                yield from child.walk()
            except DBusErrorResponse:
                continue  # it went away while we looked

    def texts(self) -> list[str]:
        """Every name below this object, as a screen reader would come upon them."""
        return [name for node in self.walk() if (name := node.name)]


class Ear:
    """What is announced, in the order it was, as a screen reader would speak it."""

    def __init__(self, bus: DBusConnection) -> None:
        self._bus = bus
        self._waiting: deque[Message] = deque()
        self._heard: list[str] = []
        rule = MatchRule(type="signal", interface="org.a11y.atspi.Event.Object", member="Announcement")
        bus.filter(rule, queue=self._waiting)
        bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=_CALL_SECONDS)
        registry = DBusAddress(
            "/org/a11y/atspi/registry",
            bus_name="org.a11y.atspi.Registry",
            interface="org.a11y.atspi.Registry",
        )
        # Applications stay silent as long as nobody says that they listen.
        bus.send_and_get_reply(
            new_method_call(registry, "RegisterEvent", "sass", ("object:announcement", [], "")),
            timeout=_CALL_SECONDS,
        )

    @property
    def heard(self) -> list[str]:
        """Everything up to now; what has arrived is taken in with any call that waits for an answer."""
        self._bus.send_and_get_reply(message_bus.GetId(), timeout=_CALL_SECONDS)
        while self._waiting:
            self._heard.append(str(self._waiting.popleft().body[3][1]))
        return self._heard


class Desktop:
    """The accessibility bus of this session."""

    def __init__(self) -> None:
        with open_dbus_connection("SESSION") as session:
            where = DBusAddress("/org/a11y/bus", bus_name="org.a11y.Bus", interface="org.a11y.Bus")
            reply = session.send_and_get_reply(new_method_call(where, "GetAddress"), timeout=_CALL_SECONDS)
        self._bus = open_dbus_connection(reply.body[0])

    def close(self) -> None:
        self._bus.close()

    def listen(self) -> Ear:
        """Hear from now on what any application says by itself."""
        return Ear(self._bus)

    def applications(self) -> list[Node]:
        root = Node(self._bus, "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
        return root.children

    def find(self, object_name: str, within: float = 20.0) -> Node:
        """The widget with this object name, as soon as some application shows it."""

        def look() -> Node | None:
            for application in self.applications():
                for node in application.walk():
                    if node.accessible_id.rsplit(".", 1)[-1] == object_name:
                        return node
            return None

        return until(look, f"a widget named {object_name}", within)


def until(look: Callable[[], T | None], what: str, within: float = 20.0) -> T:
    """What ``look`` finds, as soon as it finds something.

    Raises:
        NotShownError: nothing was found within ``within`` seconds.
    """
    give_up_at = time.monotonic() + within
    while time.monotonic() < give_up_at:
        try:
            found = look()
        except DBusErrorResponse:
            found = None
        if found is not None and found is not False:
            return found
        # The other side is another process and offers no event for "anything changed".
        time.sleep(0.05)
    raise NotShownError(f"{what} did not appear within {within:.0f} s")
