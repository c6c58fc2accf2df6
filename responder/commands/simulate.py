"""`responder simulate`: a made-up network through days of trouble, every law looked at."""

from __future__ import annotations

import os
import signal
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from responder.commands import common

if TYPE_CHECKING:
    from responder.simulation import Broken, History, Plan
    from responder.simulation.soak import Tally, Tier

_STORY_LINES = 60
_MOST_TRIES = 300
_TOLD_EVERY_S = 60.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    days: Annotated[float, typer.Option(min=0.1, help="How many days.")] = 30,
    seed: Annotated[int, typer.Option(help="Which made-up time; the first one of a soak.")] = 1,
    incidents: Annotated[
        int | None, typer.Option(min=1, help="How many people report; 8 a day if not said.")
    ] = None,
    members: Annotated[int, typer.Option(min=4, help="How many members the town has.")] = 200,
    soak: Annotated[
        bool, typer.Option("--soak", help="Seed after seed on all cores, until Ctrl-C.")
    ] = False,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many seeds a soak plays.")] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="How many at once; as many as there are cores.")
    ] = None,
    tier: Annotated[
        Literal["nights", "decisions"],
        typer.Option(help="What a soak plays: all of it, or decisions alone, 30 times as fast."),
    ] = "nights",
) -> None:
    """Play a made-up network through days of trouble, and look at every law after every step.

    Exit code 1 where a law breaks, with the seed and the shortest story that was found.
    """
    if soak or seeds is not None or tier != "nights":
        from responder.simulation.soak import Tier

        _soak(seed, seeds, processes or os.cpu_count() or 1, Tier(tier))
        return
    from responder.simulation import Broken, History, a_month

    plan = a_month(seed, days, incidents, members)
    began = perf_counter()
    history = History(plan)
    try:
        with _bar(f"{days:g} days, seed {seed}") as progress:
            history.run(progress)
    except Broken as broken:
        _tell_broken(plan, broken, lambda plan: History(plan).run())
        raise typer.Exit(common.FAULTS) from None
    _tell_figures(history, perf_counter() - began)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float], None]]:
    """A bar on the terminal; what is piped stays as it is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=sys.stderr)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=1.0)
        yield lambda done: progress.update(task, completed=done)


# --- what it came to ------------------------------------------------------------------------------


def _tell_figures(history: History, took_s: float) -> None:
    figures, plan = history.figures, history.plan
    common.say(
        f"{plan.days:g} days of a town of {len(history.town.members)} members, seed {plan.seed}: "
        f"{history.incidents} incidents in {history.steps} steps, {took_s:.1f} s.",
        "",
    )
    kinds = sorted({kind for kind, _ in figures.ends})
    ends = sorted({end for _, end in figures.ends})
    rows = [(end, *(figures.ends[(kind, end)] for kind in kinds)) for end in ends]
    common.table(("How it ended", *kinds), rows, "Nothing was reported.")
    minutes = sorted(seconds / 60 for seconds in figures.seconds_to_pair)
    common.facts(
        (
            ("minutes to a pair", _spread(minutes)),
            ("pages sent", figures.pages),
            ("said yes", figures.accepts),
            ("said no", figures.declines),
            ("nights in which nobody came", len(figures.nobody)),
            ("faults put in", sum(history.faults.values())),
            ("looks at a law", history.laws.checked),
            ("broken laws", "none"),
        )
    )
    common.say("")
    rows = [(number, fault) for fault, number in history.faults.most_common()]
    common.table(("Times", "Fault"), rows, "No faults were put in.")


def _spread(minutes: list[float]) -> str:
    if not minutes:
        return "no pair was formed"
    ninetieth = minutes[min(len(minutes) - 1, int(len(minutes) * 0.9))]
    middle = statistics.median(minutes)
    return f"{middle:.1f} in the middle, {ninetieth:.1f} for nine of ten ({len(minutes)} pairs)"


def _tell_broken(plan: Plan, broken: Broken, play: Callable[[Plan], object]) -> None:
    """The law, its seed, and the shortest story in which it breaks."""
    from responder.simulation import shrunk

    typer.echo(f"A law is broken. {broken}", err=True)
    typer.echo("Looking for the shortest story ...", err=True)
    shortest = shrunk(plan, broken, tries=_MOST_TRIES, play=play)
    kept = shortest.plan
    common.say(
        f"Seed {plan.seed}: {shortest.broken.law}",
        f"The shortest of {shortest.tries} stories has {len(kept.happenings)} happenings and "
        f"leaves out {len(kept.without)} members:",
        *(f"  {h.at_s:>10.0f} s  {h.what}" for h in kept.happenings),
        "",
        *shortest.broken.story[-_STORY_LINES:],
    )


# --- many seeds -----------------------------------------------------------------------------------


def _soak(first: int, number: int | None, processes: int, tier: Tier) -> None:
    from responder.simulation.soak import Tally, soak

    total, began = Tally(next_seed=first), perf_counter()
    told = began
    # Whoever stops it with `kill` wants the totals as much as whoever presses Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _bar(f"seeds from {first}") as progress:
            for tally in soak(first, number, processes, tier):
                total.add(tally)
                progress(total.histories / number if number else 0.0)
                for seed, _, law in tally.broken:
                    typer.echo(f"A law is broken: {law} (play it: seed {seed})", err=True)
                if perf_counter() - told >= _TOLD_EVERY_S and not sys.stdout.isatty():
                    told = perf_counter()
                    _tell_so_far(total, first, told - began)
    except KeyboardInterrupt:
        common.say("Stopped.")
    _tell_totals(total, first, perf_counter() - began, tier)
    if total.broken:
        _retell(total.broken[0][0], tier)
        raise typer.Exit(common.FAULTS)


def _tell_so_far(total: Tally, first: int, took_s: float) -> None:
    """A line a minute for whoever reads the log of a long soak."""
    common.say(
        f"seeds {first} to {total.next_seed - 1}: {total.incidents} incidents, "
        f"{total.incidents / took_s:.0f} a second, {len(total.broken) or 'no'} broken laws"
    )
    sys.stdout.flush()


def _tell_totals(total: Tally, first: int, took_s: float, tier: Tier) -> None:
    rate = total.incidents / took_s if took_s else 0.0
    common.facts(
        (
            ("seeds", f"{first} to {total.next_seed - 1}"),
            ("histories", total.histories),
            ("incidents", f"{total.incidents} ({rate:.0f} a second)"),
            ("steps", total.steps),
            ("looks at a law", total.checked),
            ("faults put in", sum(total.faults.values())),
            ("ends", dict(total.outcomes.most_common())),
            ("broken laws", len(total.broken) or "none"),
        )
    )
    for kind, times in Counter(kind for _, kind, _ in total.broken).most_common():
        common.say(f"{times:>6}  {kind}")
    which = "" if tier == "nights" else f" --tier {tier}"
    common.say(f"Go on with: responder simulate --soak --seed {total.next_seed}{which}")


def _retell(seed: int, tier: Tier) -> None:
    from responder.simulation import Broken
    from responder.simulation.soak import a_plan, played_by

    plan, player = a_plan(seed, tier), played_by(tier)
    try:
        player(plan).run()
    except Broken as broken:
        _tell_broken(plan, broken, lambda plan: player(plan).run())
