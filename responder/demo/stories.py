"""The three stories that the demo plays by itself, each from the report to the forgetting.

Rules it keeps
    * One story a playbook that is shipped; each shows another part of what can happen.
    * A story says what people do, never what the network does: that is expected, not made.

What it must not know
    How it is shown, and who watches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from responder.core.model import State
from responder.core.spoken import Verb
from responder.demo.cast import REPORTER, STRANGER
from responder.demo.play import Play, StoryBroken

Story = Callable[[Play], Awaitable[None]]


async def copwatch(play: Play) -> None:
    """A trusted report pages at once; two who keep apart do not pair; all goes well."""
    play.tell("copwatch.report")
    await play.says(REPORTER, "copwatch")
    play.expect(State.PAGING)
    play.who_is_paged()
    play.tell("copwatch.intake")
    await play.taps(REPORTER, Verb.ANSWER, "safe:safe")
    play.tell("copwatch.no")
    await play.taps("sparrow", Verb.DECLINE)
    play.tell("copwatch.alone")
    await play.taps("heron", Verb.ACCEPT, "20")
    play.tell("copwatch.apart")
    await play.taps("badger", Verb.ACCEPT, "10")
    play.expect(State.PAGING)
    play.tell("copwatch.pair")
    await play.taps("wren", Verb.ACCEPT, "10")
    play.expect(State.BRIEFING)
    play.expect_team("heron", "wren")
    play.tell("copwatch.first-has-it")
    await play.taps("heron", Verb.HAVE_IT)
    play.expect(State.BRIEFING)
    play.tell("copwatch.more")
    await play.says(REPORTER, "copwatch.more")
    play.tell("copwatch.go")
    await play.taps("wren", Verb.HAVE_IT)
    play.expect(State.OUT)
    await _arrive(play, "heron", "wren")
    play.tell("check-in")
    await play.waits_for_check_in()
    await play.taps("heron", Verb.CHECK_IN)
    await play.taps("wren", Verb.CHECK_IN)
    await play.waits(6)
    play.tell("copwatch.done")
    await play.taps("heron", Verb.DONE)
    await _come_out(play, "heron", "wren")
    play.tell("copwatch.hard")
    await play.taps("wren", Verb.HARD)
    await _afterwards(play)


async def hate_incident(play: Play) -> None:
    """A stranger's report waits for a verifier; one alone on call is joined from next door."""
    play.tell("hate.report")
    await play.says(STRANGER, "hate")
    play.expect(State.HELD)
    play.tell("hate.intake")
    await play.taps(STRANGER, Verb.ANSWER, "safe:safe")
    await play.taps(STRANGER, Verb.ANSWER, "hurt:nobody")
    await play.taps(STRANGER, Verb.SKIP)
    await play.taps(STRANGER, Verb.ANSWER, "wish:company")
    await play.taps(STRANGER, Verb.SKIP)
    play.tell("hate.follow-up")
    await play.taps(STRANGER, Verb.FOLLOW_UP, "yes")
    play.tell("hate.ask")
    await play.taps("robin", Verb.ASK)
    await play.says("robin", "hate.ask")
    await play.says(STRANGER, "hate.answer")
    play.expect(State.HELD)
    play.tell("hate.confirm")
    await play.taps("robin", Verb.CONFIRM)
    play.expect(State.PAGING)
    play.who_is_paged()
    play.tell("hate.widen")
    await play.taps("otter", Verb.ACCEPT, "10")
    play.expect(State.PAGING)
    play.tell("hate.pair")
    await play.taps("wren", Verb.ACCEPT, "20")
    play.expect_team("otter", "wren")
    play.tell("hate.brief")
    await play.taps("otter", Verb.HAVE_IT)
    await play.taps("wren", Verb.HAVE_IT)
    play.expect(State.OUT)
    await _arrive(play, "otter", "wren")
    play.tell("check-in")
    await play.waits_for_check_in()
    play.tell("hate.ok")
    await play.says("otter", "ok")
    await play.taps("wren", Verb.CHECK_IN)
    play.tell("hate.safe")
    await play.says(STRANGER, "safe")
    play.expect(State.OUT)
    play.tell("hate.done")
    await play.taps("otter", Verb.DONE)
    await _come_out(play, "otter", "wren")
    await _afterwards(play)


async def de_escalation(play: Play) -> None:
    """Two newcomers do not pair; an unread brief costs a partner; they leave when it turns."""
    play.tell("tense.report")
    await play.says(REPORTER, "tense")
    play.expect(State.PAGING)
    play.who_is_paged()
    await play.taps("wren", Verb.ACCEPT, "10")
    play.tell("tense.new")
    await play.taps("sparrow", Verb.ACCEPT, "10")
    play.expect(State.PAGING)
    play.tell("tense.pair")
    await play.taps("badger", Verb.ACCEPT, "10")
    play.expect_team("badger", "wren")
    await play.taps("badger", Verb.HAVE_IT)
    play.tell("tense.unread")
    await play.waits_until_due()
    play.expect(State.PAGING)
    play.tell("tense.replace")
    await play.taps("sparrow", Verb.ACCEPT, "10")
    play.expect_team("badger", "sparrow")
    play.tell("tense.go")
    await play.taps("badger", Verb.HAVE_IT)
    play.expect(State.BRIEFING)
    await play.taps("sparrow", Verb.HAVE_IT)
    play.expect(State.OUT)
    await _arrive(play, "badger", "sparrow")
    await play.waits(4)
    play.tell("tense.leave")
    await play.taps("sparrow", Verb.LEAVE)
    play.expect(State.LEAVING)
    await play.taps("sparrow", Verb.OUT)
    play.tell("tense.silent")
    await play.waits_until_due()
    play.expect(State.LEAVING)
    play.tell("tense.out")
    await play.taps("badger", Verb.OUT)
    play.expect(State.AFTERCARE)
    await _afterwards(play)


async def _arrive(play: Play, *team: str) -> None:
    await play.waits(12)
    play.tell("there")
    for handle in team:
        await play.taps(handle, Verb.THERE)


async def _come_out(play: Play, *team: str) -> None:
    play.expect(State.LEAVING)
    play.tell("count")
    for handle in team:
        await play.taps(handle, Verb.OUT)
    play.expect(State.AFTERCARE)


async def _afterwards(play: Play) -> None:
    """The debrief a day later, then the forgetting on time."""
    play.tell("rest")
    await play.waits_until_due()
    while play.incident().state is not State.CLOSED:
        await play.waits_until_due()
    play.tell("closed")
    while play.stage.world.incidents:
        await play.waits_until_due()
    if play.stage.world.reports:
        raise StoryBroken(play.screen.say("broken.kept"))
    play.tell("forgotten")


STORIES: Final[Mapping[str, Story]] = {
    "copwatch": copwatch,
    "hate-incident": hate_incident,
    "de-escalation": de_escalation,
}
