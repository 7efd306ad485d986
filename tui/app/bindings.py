"""From the registry and the keymap to Textual's bindings: one map a screen, nothing inherited, nothing by hand.

They are priority bindings, which the app obeys in the order in which keys come. Others run only after a key has gone
through the focused widget and back, and of keys typed in one breath (``/shop``) the later ones overtake.
"""

from __future__ import annotations

from textual.binding import BindingsMap

from tui.commands import COMMANDS, Place
from tui.keymap import Keymap, places_of, textual_key


def bindings_for(place: Place, keymap: Keymap) -> BindingsMap:
    """The bindings of a screen: each key gives its command to the one dispatcher."""
    found = BindingsMap()
    for command in places_of(COMMANDS, place):
        for key in keymap.of(command.id):
            found.bind(textual_key(key), f"screen.give('{command.id}')", command.title, show=False, priority=True)
    return found
