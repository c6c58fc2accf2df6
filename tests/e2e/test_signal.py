"""Signal through the real process: a service that delivers nothing, the webhook, the timers."""

from __future__ import annotations

from bots.wording import REPEAT_MARK
from tests.e2e.process import Town
from tests.ports import Port

SECOND = "+15555550101"
PROBES = f'probe_number = "{SECOND}"\nprobe_every = "2 s"'


async def test_coordinators_hear_on_telegram_that_signal_is_deaf_and_when_it_is_well() -> None:
    async with Town(signal=PROBES) as town:
        town.signal.adds_account(SECOND)
        await town.starts()
        owl = await town.member("Owl", "signal", "telegram", roles=("coordinator",))
        sol = town.signal.user("Sol")
        await sol.writes("Police stop a bus")
        await sol.sees("Your message has arrived")
        town.signal.delivers_nothing = True
        await owl.chat.sees("Signal has been deaf since")
        assert (await town.ask("status"))["hearing"]["signal"]["hears"] is False
        town.signal.delivers_nothing = False
        await owl.chat.sees("Signal hears again")
        await sol.sees("please write it again")
        assert (await town.ask("status"))["hearing"]["signal"]["hears"] is True
        assert len(town.told(owl.chat, "Signal has been deaf")) == 1
        assert len(town.signal.ours) <= 1, "probes do not fill the history"


async def test_messages_come_by_webhook_and_count_once() -> None:
    with Port() as port:
        how = f'receive = "webhook"\nwebhook_listen = "{port.address}"'
        async with Town(signal=how) as town:
            town.signal.pushes_to = f"{port.url}/signal"
            await town.starts()
            heron = await town.member("Heron")
            await heron.phone.writes("/who")
            await heron.reads("Heron")
            assert len(town.told(heron.phone, ", Heron.")) == 1, "joined once, though it came twice"
            assert set(town.signal.push_statuses) == {200}


async def test_a_conversation_gets_its_timer_once_however_often_the_process_starts() -> None:
    async with Town() as town:
        await town.starts()
        heron = await town.member("Heron")
        await town.signal.until(lambda: town.signal.timers_ordered)
        await town.stops()
        await town.starts()
        asked = await heron.phone.writes("/who")
        await heron.phone.sees("Heron", after=asked)
        await town.stops()
        assert town.signal.timers_ordered == [("Heron", 24 * 3600)]


async def test_whoever_may_have_written_while_the_program_was_away_is_asked_to_repeat() -> None:
    async with Town() as town:
        await town.starts()
        owl = await town.member("Owl", "signal", "telegram", roles=("coordinator",))
        sol = town.signal.user("Sol")
        await sol.writes("Police stop a bus")
        await sol.sees("Your message has arrived")
        await town.dies()
        await sol.writes("They have a dog now")
        assert town.signal.lost, "the service keeps nothing"
        await town.passes(seconds=40)
        await town.starts()
        await sol.sees("please write it again")
        await owl.chat.sees("may be lost: nobody listened there")
        for _ in range(2):
            await town.quiet()
            await town.dies()
            await town.passes(seconds=40)
            await town.starts()
        await town.process.says("channel_gap")
        await town.quiet()
        told = town.told(owl.chat, "nobody listened there")
        # What was under way at a kill may come twice, marked as a repeat.
        assert len([one for one in told if not one.text.startswith(REPEAT_MARK)]) == 1
