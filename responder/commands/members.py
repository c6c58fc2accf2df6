"""`responder member ...`: who belongs to the network, and how far their word goes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from responder.commands import common
from responder.commands.common import CallSign, Config, Json, Yes

app = common.group("Members: join codes, roles, trust, trainings.")

Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help="responder, verifier or coordinator; may be repeated."),
]
Places = Annotated[
    list[str] | None,
    typer.Option("--neighbourhood", "-n", help="Where they go; may be repeated."),
]
Language = Annotated[str | None, typer.Option(help="The language they are written to in.")]
Languages = Annotated[
    list[str] | None,
    typer.Option("--speaks", help="Another language they speak, as its code; may be repeated."),
]
Skills = Annotated[
    list[str] | None, typer.Option("--skill", help="As playbooks name it; may be repeated.")
]
Trainings = Annotated[
    list[str] | None,
    typer.Option("--training", help="NAME or NAME:YYYY-MM-DD, its last good day; repeatable."),
]
Experienced = Annotated[
    bool | None,
    typer.Option("--experienced/--newcomer", help="Whether newcomers may be paired with them."),
]
LevelOption = Annotated[
    str | None,
    typer.Option(help="unknown, known or trusted, whatever vouches say.", show_default=False),
]
Contact = Annotated[
    str | None,
    typer.Option(
        metavar="-",
        help="Whom to call; opens only when a check-in is overdue. Write - to be asked, unseen.",
    ),
]
Duress = Annotated[
    str | None,
    typer.Option(
        metavar="-",
        help="Words that alarm coordinators without showing it. Write - to be asked, unseen.",
    ),
]
Pages = Annotated[int | None, typer.Option(help="The most pages they want in one night.")]
Incident = Annotated[
    str | None, typer.Option("--incident", "-i", help="An incident's code: its reporter is meant.")
]
Report = Annotated[
    int | None, typer.Option(help="Which of the incident's reports, counted from 1.")
]


@app.command("add")
def add(
    call_sign: CallSign,
    role: Roles = None,
    neighbourhood: Places = None,
    level: LevelOption = "known",
    language: Language = None,
    speaks: Languages = None,
    skill: Skills = None,
    training: Trainings = None,
    experienced: Experienced = None,
    emergency_contact: Contact = None,
    duress_phrase: Duress = None,
    pages_a_night: Pages = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Add a member and print the one-time code with which they join."""
    answer = common.ask(
        config,
        "member.add",
        call_sign=call_sign,
        roles=role,
        neighbourhoods=neighbourhood,
        level=level,
        language=language,
        languages=speaks,
        skills=skill,
        trainings=training,
        experienced=experienced,
        emergency_contact=common.hidden(emergency_contact, "Emergency contact"),
        duress_phrase=common.hidden(duress_phrase, "Duress phrase"),
        pages_a_night=pages_a_night,
    )
    _show_code(answer, json, config)


@app.command("code")
def code(call_sign: CallSign, json: Json = False, config: Config = None) -> None:
    """Print another one-time code, for another channel of the same member."""
    _show_code(common.ask(config, "member.code", call_sign=call_sign), json, config)


def _show_code(answer: dict[str, Any], json: bool, config: Config) -> None:
    made = answer["code"]
    bot = common.settings_of(config).telegram.bot_name
    texts = {"telegram": f"https://t.me/{bot or 'BOT'}?start={made}", "signal": f"join {made}"}
    if json:
        common.show_json({**answer, "texts": texts})
        return
    until = common.when(answer["expires_at"])
    common.say(
        f"{answer['call_sign']} joins with this code, once, until {until}:",
        "",
        f"    {made}",
        "",
        f"  Signal:    send  {texts['signal']}  to the network's number",
        f"  Telegram:  open  {texts['telegram']}" + ("" if bot else "  (BOT: your bot's name)"),
        "",
        "Whoever holds the code becomes this member: hand it over in person.",
    )
    common.notes(answer)


@app.command("set")
def change(
    call_sign: CallSign,
    role: Roles = None,
    neighbourhood: Places = None,
    level: LevelOption = None,
    language: Language = None,
    speaks: Languages = None,
    skill: Skills = None,
    training: Trainings = None,
    experienced: Experienced = None,
    emergency_contact: Contact = None,
    duress_phrase: Duress = None,
    pages_a_night: Pages = None,
    rename: Annotated[str | None, typer.Option(help="Another call sign.")] = None,
    prefer: Annotated[str | None, typer.Option(help="The channel to try first.")] = None,
    drop_channel: Annotated[str | None, typer.Option(help="A channel to forget.")] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option(help="A list or value to empty: roles, skills, pages-a-night, ..."),
    ] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Edit a member: what is not named stays, a list that is named is replaced."""
    given: dict[str, object] = {
        "roles": role,
        "neighbourhoods": neighbourhood,
        "level": level,
        "language": language,
        "languages": speaks,
        "skills": skill,
        "trainings": training,
        "experienced": experienced,
        "emergency_contact": common.hidden(emergency_contact, "Emergency contact"),
        "duress_phrase": common.hidden(duress_phrase, "Duress phrase"),
        "pages_a_night": pages_a_night,
        "rename": rename,
        "prefer": prefer,
        "drop_channel": drop_channel,
    }
    said = {name: value for name, value in given.items() if value is not None}
    said |= _cleared(clear or [])
    answer = common.call(common.settings_of(config), "member.set", {"call_sign": call_sign, **said})
    _done(answer, json, f"{answer['call_sign']} is changed; trust level {answer['level']}.")


_EMPTY: dict[str, object] = {
    "roles": [],
    "neighbourhoods": [],
    "languages": [],
    "skills": [],
    "trainings": [],
    "emergency_contact": "",
    "duress_phrase": "",
    "pages_a_night": None,
}


def _cleared(names: list[str]) -> dict[str, object]:
    cleared = {}
    for name in names:
        field = name.replace("-", "_")
        if field not in _EMPTY:
            known = ", ".join(known.replace("_", "-") for known in _EMPTY)
            common.wrong_use(f"{name!r} cannot be emptied; these can: {known}.")
        cleared[field] = _EMPTY[field]
    return cleared


@app.command("train")
def train(
    call_sign: CallSign,
    training: Annotated[
        list[str] | None,
        typer.Argument(help="NAME or NAME:YYYY-MM-DD, its last good day.", show_default=False),
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A training to take away.")] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Add trainings, or renew them."""
    answer = common.ask(
        config, "member.train", call_sign=call_sign, trainings=training or [], drop=drop or []
    )
    _done(answer, json, f"The trainings of {answer['call_sign']} are changed.")


@app.command("list")
def listed(
    role: Annotated[str | None, typer.Option(help="Only those with this role.")] = None,
    neighbourhood: Annotated[
        str | None, typer.Option("--neighbourhood", "-n", help="Only those of this one.")
    ] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """List the members."""
    rows = common.ask(config, "member.list", role=role, neighbourhood=neighbourhood)
    if json:
        common.show_json(rows)
        return
    common.table(
        ("call sign", "level", "roles", "where", "channels", "private", "on call"),
        [
            (
                row["call_sign"] + ("" if row["experienced"] else " (newcomer)"),
                row["level"],
                common.words(row["roles"]),
                common.words(row["neighbourhoods"]),
                common.words(row["channels"]),
                common.words(row["private"]),
                common.words(row["on_call"]),
            )
            for row in rows
        ],
        "No members yet: responder member add CALL-SIGN --role responder",
    )


@app.command("show")
def show(call_sign: CallSign, json: Json = False, config: Config = None) -> None:
    """Show what is kept of one member; addresses, contact and duress phrase stay sealed."""
    answer = common.ask(config, "member.show", call_sign=call_sign)
    if json:
        common.show_json(answer)
        return
    answer["trainings"] = [
        f"{name} until {until}" if until else name for name, until in answer["trainings"].items()
    ]
    if answer.get("rest_until"):
        answer["rest_until"] = common.when(answer["rest_until"])
    common.facts((name.replace("_", " "), value) for name, value in answer.items())


@app.command("remove")
def remove(
    call_sign: CallSign,
    yes: Yes = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """Remove a member for good; the vouches that they gave stop counting."""
    common.sure(f"Remove {call_sign} for good?", yes)
    answer = common.ask(config, "member.remove", call_sign=call_sign)
    _done(answer, json, f"{answer['call_sign']} is removed.")


@app.command("block")
def block(
    call_sign: Annotated[str | None, typer.Argument(show_default=False)] = None,
    incident: Incident = None,
    report: Report = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Block a member, or whoever gave a report: nothing they say counts any more."""
    answer = common.ask(
        config, "member.block", call_sign=call_sign, incident=incident, report=report
    )
    _done(answer, json, f"Blocked: {answer['who']}.")


@app.command("unblock")
def unblock(
    call_sign: Annotated[str | None, typer.Argument(show_default=False)] = None,
    incident: Incident = None,
    report: Report = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Lift a block; the trust level follows from vouches again."""
    answer = common.ask(
        config, "member.unblock", call_sign=call_sign, incident=incident, report=report
    )
    _done(answer, json, f"Not blocked any more: {answer['who']}, now {answer['level']}.")


@app.command("vouch")
def vouch(
    by: Annotated[str, typer.Argument(help="Whose word it is.", show_default=False)],
    for_: Annotated[
        str, typer.Argument(metavar="FOR", help="For whom it is given.", show_default=False)
    ],
    json: Json = False,
    config: Config = None,
) -> None:
    """Enter a trusted member's word for another member."""
    answer = common.ask(config, "member.vouch", by=by, **{"for": for_})
    _done(answer, json, f"{by} vouches for {answer['call_sign']}, now {answer['level']}.")


@app.command("keep-apart")
def keep_apart(
    call_sign: CallSign,
    other: Annotated[str | None, typer.Argument(help="The other.", show_default=False)] = None,
    incident: Incident = None,
    report: Report = None,
    undo: Annotated[bool, typer.Option("--undo", help="Lift the rule.")] = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """Never bring two members together, or a member and whoever gave a report."""
    answer = common.ask(
        config,
        "member.keep_apart",
        call_sign=call_sign,
        other=other,
        incident=incident,
        report=report,
        undo=undo,
    )
    how = "kept apart from" if answer["apart"] else "no longer kept apart from"
    _done(answer, json, f"{answer['call_sign']} is {how} {answer['other']}.")


@app.command("devices")
def devices(
    call_sign: CallSign,
    confirm: Annotated[
        int | None,
        typer.Option(help="Confirm this phone, by number: the member read its words to you."),
    ] = None,
    remove: Annotated[int | None, typer.Option(help="Take this phone away, by number.")] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """List a member's phones for sealed pages, confirm one, or take a lost one away."""
    if confirm is not None and remove is not None:
        common.wrong_use("Confirm one phone or remove one, not both at once.")
    if confirm is not None:
        here = common.ask(config, "member.device_on", call_sign=call_sign, number=confirm)
        words = f"Phone {confirm} of {here['call_sign']} is confirmed: {here['words']}."
        _done(here, json, words)
        return
    if remove is not None:
        gone = common.ask(config, "member.device_off", call_sign=call_sign, number=remove)
        _done(gone, json, f"Phone {remove} of {gone['call_sign']} is removed.")
        return
    answer = common.ask(config, "member.devices", call_sign=call_sign)
    if json:
        common.show_json(answer)
        return
    for one in answer["devices"]:
        state = "works" if one["works"] else "unproved" if one["confirmed"] else "unconfirmed"
        common.say(f"{one['number']}  {one['words']}  {one['registered'][:10]}  {state}")
    if not answer["devices"]:
        common.say(f"{answer['call_sign']} has no phone registered.")


def _done(answer: dict[str, Any], json: bool, text: str) -> None:
    if json:
        common.show_json(answer)
        return
    common.say(text)
    common.notes(answer)
