"""`responder poster`: a page to print, with how to report in one neighbourhood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from responder.commands import common
from responder.commands.common import Config, Spoken

if TYPE_CHECKING:
    from responder.config import Settings
    from responder.core.playbook import Playbook
    from responder.handouts.inviting import Way
    from responder.handouts.poster import Words

Place = Annotated[
    str | None,
    typer.Argument(
        metavar="[NEIGHBOURHOOD]", help="Its id or name; else a page for each.", show_default=False
    ),
]
Kind = Annotated[
    str | None,
    typer.Option("--playbook", help="Whose rights stand on it; needed where there are several."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("poster")(poster)


def poster(
    neighbourhood: Place = None,
    language: Spoken = None,
    playbook: Kind = None,
    paper: Annotated[str, typer.Option(help="a4 or letter.")] = "a4",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A .svg or .pdf file.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Make a page to print: how to report, a code to scan, rights in short, the emergency line."""
    from responder.handouts import poster as drawing

    spoken = common.language(language, config)
    if paper not in drawing.PAPERS:
        common.wrong_use(f"There is no paper {paper!r}: --paper is a4 or letter.")
    settings = common.settings_of(config)
    places = _places(settings, neighbourhood)
    if out is not None and len(places) > 1:
        common.wrong_use("One file holds one page: name the neighbourhood, or leave --out away.")
    targets = [out or Path(f"poster-{id}-{spoken}.pdf") for id, _ in places]
    if targets[0].suffix.lower() not in (".svg", ".pdf"):
        common.wrong_use(f"The file's name ends in .svg or .pdf; this is {targets[0].name}.")
    kind = _playbook(settings, playbook)
    for target, (_, name) in zip(targets, places, strict=True):
        sheet = drawing.page(_words(settings, spoken, name, kind), _ways(settings), paper)
        if target.suffix.lower() == ".svg":
            common.write(target, drawing.svg(sheet))
        else:
            common.write(target, drawing.pdf(sheet))
    common.say(
        f"Made: {common.words(list(map(str, targets)))}, with the rights of"
        f" {kind.title.in_(spoken)}.",
        "Scan each code on the print before you hang it up, and let somebody who knows the law"
        " where you are read the rights.",
    )


def _places(settings: Settings, wanted: str | None) -> list[tuple[str, str]]:
    """The id and the name of the neighbourhood that is meant; of each, where none is named."""
    from responder.core.places import folded

    known = settings.neighbourhoods()
    if wanted is None:
        return [(one.id, one.name) for one in known]
    for one in known:
        if folded(wanted) in {folded(called) for called in (one.id, one.name, *one.aliases)}:
            return [(one.id, one.name)]
    names = common.words([one.id for one in known])
    common.wrong_use(f"There is no neighbourhood {wanted!r}. Known here: {names}.")


def _playbook(settings: Settings, wanted: str | None) -> Playbook:
    """The playbook whose rights are printed: a choice that no program should make."""
    from responder import checking
    from responder.core.playbook import PlaybookFaults

    found, faults = checking.playbooks([settings.network.playbooks_dir])
    names = common.words(sorted(found))
    if wanted is not None and wanted in found:
        return found[wanted]
    if wanted is None and len(found) == 1:
        return next(iter(found.values()))
    if faults:
        raise PlaybookFaults(faults)
    if wanted is None:
        common.wrong_use(f"Say whose rights stand on it, with --playbook: {names}.")
    common.wrong_use(f"There is no playbook {wanted!r}. Known here: {names}.")


def _words(settings: Settings, language: str, place: str, kind: Playbook) -> Words:
    from responder.core.phrases import say
    from responder.core.talk.commands import Name, shown_name
    from responder.handouts.poster import Words

    own = settings.network.emergency_line
    return Words(
        language=language,
        network=settings.network.name,
        place=place,
        rights=tuple(kind.rights.in_(language)),
        emergency=own.get(language) or own.get("en") or say(language, "chat.emergency"),
        forget="/" + shown_name(language, Name.FORGET),
    )


def _ways(settings: Settings) -> list[Way]:
    from responder.handouts import inviting

    ways = []
    if settings.signal.number:
        ways.append(inviting.signal(settings.signal.number))
    if settings.telegram.bot_name:
        ways.append(inviting.telegram(settings.telegram.bot_name))
    if not ways:
        common.wrong_use("Set signal.number or telegram.bot_name first: a poster needs a way in.")
    return ways
