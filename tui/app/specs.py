"""The panes of all server kinds, and what people call the kinds. Loads the kinds when asked, not before."""

from __future__ import annotations

from tui.present.spec import PaneSpec


def all_panes() -> tuple[PaneSpec, ...]:
    """The panes of every server kind, in their order."""
    from tui.servers.kind import kinds

    specs = [spec for kind in kinds().values() for spec in kind.panes()]
    return tuple(sorted(specs, key=lambda spec: (spec.order, spec.id)))


def all_titles() -> dict[str, str]:
    """What each server kind is called by people."""
    from tui.servers.kind import kinds

    return {kind.name: kind.title for kind in kinds().values()}
