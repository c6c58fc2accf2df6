"""English: the words of an incident's messages.

Short and plain, for someone frightened, or woken at night. What stands in braces is filled in by
the cards; everything else is read as it is.
"""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    # --- in many cards ---
    "card.drill": "DRILL: this is practice, nothing has happened.",
    "card.head": "{title}, {neighbourhood}. Incident {code}.",
    "card.someone": "a member",
    "card.count.minutes.one": "{number} minute",
    "card.count.minutes.many": "{number} minutes",
    "card.count.hours.one": "{number} hour",
    "card.count.hours.many": "{number} hours",
    "card.count.days.one": "{number} day",
    "card.count.days.many": "{number} days",
    "card.place": "Where, as we were told:",
    "card.no-place": "We have no exact place yet. It comes as soon as we know it.",
    "card.pin": "Pin (latitude, longitude): {pin}",
    "card.no-words": "We have no words from the reporter yet.",
    "card.told": "What we were told:",
    "card.told-at": "What we were told at {time}:",
    "card.told-later": "And later:",
    "card.more-reports": "(and more: {number} not shown here)",
    # --- buttons: they may stand under a notice, so they say nothing by themselves ---
    "card.button.going.10": "Going, 10 min",
    "card.button.going.20": "Going, 20 min",
    "card.button.going.40": "Going, 40 min",
    "card.button.cannot": "Cannot",
    "card.button.can": "Yes, I can",
    "card.button.not-this-time": "Not this time",
    "card.button.cannot-after-all": "Cannot after all",
    "card.button.cannot-go-on": "Cannot go on",
    "card.button.have-it": "I have it",
    "card.button.there": "There",
    "card.button.check-in": "Check in",
    "card.button.more": "Need more people",
    "card.button.leave": "Leave now",
    "card.button.done": "Done",
    "card.button.out": "I am out",
    "card.button.hard": "It was hard",
    "card.button.safe": "I am safe now",
    "card.button.cancel": "Take it back",
    "card.button.follow-up.yes": "Yes, please",
    "card.button.follow-up.no": "No, thank you",
    "card.button.confirm": "Confirm",
    "card.button.not-confirmed": "Not confirmed",
    "card.button.ask": "Ask a question",
    "card.button.merge": "Same as another",
    "card.button.merge-with": "Same as incident {code}",
    "card.button.end": "End it",
    "card.button.note": "Add a note",
    "card.button.widen": "Ask more people",
    "card.button.leave-order": "All leave now",
    "card.button.accounted": "Accounted for",
    # --- notices: for channels that others can read ---
    "card.notice.news": "There is news for you. Write /status to read it.",
    "card.notice.needed": "Something needs you. The words are on Signal.",
    "card.notice.request": "A question for you, without hurry. The words are on Signal.",
    "card.notice.read-now": "There is something for you to read now. It is on Signal.",
    "card.notice.read": "There is something for you to read. It is on Signal.",
    "card.notice.ready": "Everybody is ready. The words are on Signal.",
    "card.notice.noted": "Noted, thank you.",
    "card.notice.well": "Are you all right? Please tap an answer. The words are on Signal.",
    "card.notice.settled": "This is settled. Thank you. There is nothing left to do.",
    "card.notice.board": "An overview for you is on Signal.",
    "card.notice.alarm": "A coordinator is needed now. The words are on Signal.",
    # --- reporters ---
    "card.held": (
        "Thank you, we have your report. One of our people checks it first. "
        "You will hear from us either way."
    ),
    "card.asked": (
        "We are asking people to come now. You will hear from us as soon as they are on their way. "
        "Stay where you feel safe."
    ),
    "card.morning": (
        "It is late, and people who offer such help are not asked at night. Until {time} we ask "
        "only those who are on call. If that finds nobody, we ask the others from {time} on, by "
        "ourselves: you need not write again. If you do not need it any more, take it back."
    ),
    "card.joined": (
        "Thank you, we have your report. We have put it together with what else we know, "
        "and you will hear from us."
    ),
    "card.on-the-way": (
        "People are on their way. They come to watch, to help and to calm things down."
    ),
    "card.on-the-way.when": "They should be there in about {time}.",
    "card.there": "Our people are there now. You do not have to do anything. "
    "If something changes, just write to us.",
    "card.had-to-leave": (
        "Our people had to step back, to stay safe themselves. We have not forgotten you. "
        "If you can, go to a safe place too."
    ),
    "card.nobody": "We are sorry: nobody can come right now.",
    "card.nobody.morning": (
        "From {time} we ask people who offer such help, and tell you what comes of it."
    ),
    "card.nobody.looking": "We keep looking, and tell you at once if that changes.",
    "card.expired": (
        "We could not confirm your report, so nobody was asked to come. That says nothing bad "
        "about you: often nobody near could look. Thank you for looking out for others."
    ),
    "card.over": "This is over on our side now. Thank you for telling us.",
    "card.over.responded": "It is over, and our people have left. Thank you for telling us.",
    "card.kept": (
        "What you told us, with pictures and voice messages, is kept locked for {span}, then "
        "destroyed. To have it destroyed now, write /forget."
    ),
    "card.follow-up": "How are you now? If there is anything we can help with, just write back.",
    "card.follow-up.from": "This is {network}. You asked us to get back to you.",
    "card.follow-up.promised": "As you wished, we will ask how you are later on.",
    "card.question": "One of our people who checks reports asks:",
    "card.question.how": "Just write your answer here. You do not have to answer.",
    "card.reporter-back": "Our network was down for a while and works again. We have your report.",
    "card.reporter-back.held": "You will hear from us. If you are safe now, tap it below.",
    "card.reporter-back.paging": "We are still asking people to come.",
    "card.reporter-back.briefing": "People have said yes and are getting ready.",
    "card.reporter-back.out": "People have been sent and we are asking them how it stands.",
    "card.reporter-back.leaving": "Our people are on their way out.",
    "card.reporter-back.over": "It is over on our side now.",
    # --- the page, and what becomes of it ---
    "card.page.head": "{title}, {neighbourhood}",
    "card.page.urgency.high": "Urgent: now.",
    "card.page.urgency.normal": "Soon, if you can.",
    "card.page.urgency.low": "No rush.",
    "card.page.needed": "Needed: {needed}",
    "card.page.how": (
        "Incident {code}. Nobody goes alone: you hear the place once you have a partner. "
        "Tap an answer or send its number. A no needs no reason."
    ),
    "card.request": (
        "Somebody in {neighbourhood} asks for what you offered: {help}. Could you help this time?"
    ),
    "card.request.how": (
        "There is no hurry, and no is fine: nobody asks why, and nobody keeps count. If you can, "
        "wait for your partner and the details: they come once two people have said yes. If you "
        "answer nothing, we simply ask others."
    ),
    "card.enough": "Thank you. Enough people have said yes, so you can rest.",
    "card.waiting": (
        "Thank you for saying yes. There is nobody to go with you yet, so please stay where you "
        "are and do not go alone. You hear from us as soon as there is."
    ),
    "card.released": "Thank you for being ready. It came to nothing this time, and you are free.",
    "card.dropped": (
        "We did not hear in time that you have the brief, so we ask somebody else. Please do not "
        "go. Thank you for being ready."
    ),
    "card.left": "Noted, you are free. Thank you for telling us. Nobody asks why.",
    # --- the brief, and out there ---
    "card.with": "You go with: {mates}",
    "card.role": "Your role: {role}",
    "card.meet": "Meet: {meet}",
    "card.safety": "To stay safe:",
    "card.disengage": "When to leave:",
    "card.silent": "If the network falls silent: {silent}",
    "card.brief.wait": (
        'Read this, then tap "I have it" within {span}. Do not go until I say go: '
        "I say it when everybody has the brief."
    ),
    "card.go": "Everybody has the brief. Go, and stay together.",
    "card.check-in.by": "Next check-in: by {time}.",
    "card.check-in.every": "Check in every {span}.",
    "card.noted": "Noted, thank you.",
    "card.noted.there": "Noted: you are there.",
    "card.noted.check-in": "Noted: you have checked in. Thank you.",
    "card.noted.more": "Noted: more people are being asked. Keep to a safe spot until they come.",
    "card.team-changed": "Your team for incident {code} has changed.",
    "card.team-changed.wait": "Wait: do not go until I say go.",
    "card.team-changed.alone": (
        "Your team has changed. Nobody is with you at the moment: hold back and wait for us."
    ),
    "card.hold-back": (
        "Hold back. Your partner has left or is not coming. Do not go in alone: step back to a "
        "safe place and wait there. We are looking for somebody to join you."
    ),
    "card.hold-back.not-gone": (
        "Hold back. Your partner is not coming. Please do not go: stay where you are. "
        "We are looking for somebody to go with you."
    ),
    "card.update.text": "Incident {code}, more from the reporter:",
    "card.update.mate": "Incident {code}, {mate} writes:",
    "card.update.note": "Incident {code}, a coordinator writes:",
    "card.update.safe": (
        "Incident {code}: the reporter says they are safe now. This stands nobody down: "
        "decide together whether you are still needed."
    ),
    "card.update.cancelled": (
        "Incident {code}: the reporter has taken the report back. This stands nobody down: "
        "be careful, and decide together whether to stay."
    ),
    "card.update.forgotten": (
        "Incident {code}: the reporter has taken the report back and wants it forgotten. This "
        "stands nobody down. Please delete the brief from your phone when you are home."
    ),
    "card.update.more-asked": "Incident {code}: your team has asked for more people.",
    "card.update.no-more": (
        "Incident {code}: nobody else can come right now. Stay within what you can do safely."
    ),
    "card.update.silent": (
        "Incident {code}: we have not heard from {mate}. If it is safe, look for each other, "
        "and check in."
    ),
    "card.update.later": "There is news. You get it as soon as somebody is with you again.",
    "card.media": (
        "Incident {code}: sent by the reporter, for your team only. Please do not pass it on, "
        "and delete it afterwards."
    ),
    "card.nudge": "Your check-in is due. Are you all right?",
    "card.nudge.leaving": "Are you out and safe? Please tell us, so that we can stop worrying.",
    "card.nudge.alarm": "We have not heard from you for a while, and coordinators know.",
    "card.back": "The network was silent for a while and works again. Are you all right?",
    "card.back.not-gone": (
        "The network was silent for a while and works again. Please do not go until I say go."
    ),
    "card.back.leaving": (
        "The network was silent for a while and works again. It is time to leave, if you are "
        "still there. Are you out and safe?"
    ),
    "card.unheard": "We have not heard yet that you are out. Please tap it once you are.",
    "card.leave": (
        "Leave now. Walk calmly to a safe place, together with your partner if you can. "
        'Then tap "I am out". We count until everybody is.'
    ),
    "card.stand-down": (
        'It is over, thank you. Leave together, and tap "I am out" once you are away from there.'
    ),
    "card.stand-down.free": "It is over. Thank you for being ready; there is nothing left to do.",
    "card.thanks": (
        "Thank you. You are out, and we have noted it. Take a breath and have a word with your "
        "partner. If it was hard, tap it below: then you all get a rest, no questions asked."
    ),
    "card.debrief.with": "You went with: {mates}",
    # --- verifiers ---
    "card.verify": "Please check this report. It is not confirmed, and nobody has been asked yet.",
    "card.verify.urgent": "Urgent: more than one report about it.",
    "card.verify.first": "The first answer counts.",
    "card.verify.how": (
        "Confirm only what you can stand for: you see it, or someone you trust does. "
        "The first answer counts."
    ),
    "card.verify-more": "Incident {code}, more from a reporter:",
    "card.verify-media": (
        "Incident {code}: sent by a reporter, for those who check the report. Please do not pass "
        "it on, and delete it afterwards."
    ),
    "card.verify-closed.confirmed": "Incident {code} is confirmed. Thank you.",
    "card.verify-closed.not-confirmed": "Incident {code} was not confirmed and is closed.",
    "card.verify-closed.merged": "Incident {code} belongs to another one. Thank you.",
    "card.verify-closed.corroborated": "Incident {code}: independent reports agree. Thank you.",
    "card.verify-closed.expired": "Incident {code} is closed: nobody could confirm it.",
    "card.verify-closed.gone": "Incident {code} is closed: the report was taken back.",
    "card.verify-closed.yours": "You reported this yourself, so somebody else checks it.",
    "card.reports": "Reports by level: {levels}. First at {time}.",
    "card.reports.last": "Latest at {time}.",
    "card.level.trusted": "trusted",
    "card.level.known": "known",
    "card.level.unknown": "unknown",
    "card.level.blocked": "blocked",
    # --- coordinators ---
    "card.board-media": (
        "Incident {code}: sent by a reporter, for you as a coordinator. Please do not pass it on, "
        "and delete it afterwards."
    ),
    "card.board.not-yours": "This overview is closed to you.",
    "card.state.held": "Waiting for somebody to confirm it.",
    "card.state.paging": "Looking for people.",
    "card.state.briefing": "A team is reading the brief.",
    "card.state.out": "A team is out.",
    "card.state.leaving": "Everybody is leaving, and is counted.",
    "card.state.aftercare": "Over, everybody is accounted for. The debrief is still to come.",
    "card.state.closed": "Closed.",
    "card.outcome.responded": "People went.",
    "card.outcome.nobody": "Nobody could come.",
    "card.outcome.not-confirmed": "It was not confirmed.",
    "card.outcome.expired": "Nobody could confirm it.",
    "card.outcome.cancelled": "It was taken back.",
    "card.outcome.merged": "It belongs to another incident.",
    "card.outcome.ended": "A coordinator ended it.",
    "card.board.morning": "From {time} those who offered such help are asked too.",
    "card.board.paged": (
        "Waves so far: {waves}. Paged: {paged}, said yes: {accepted}, cannot: {declined}."
    ),
    "card.board.unreached": "Pages that do not seem to have arrived: {count}.",
    "card.board.mate": "- {mate}",
    "card.board.due": "next sign of life by {time}",
    "card.board.held-back": "holding back",
    "card.board.leaving": "told to leave",
    "card.board.alarm.no-team": "Alarm: no team can be found.",
    "card.board.alarm.overdue": "Alarm: no sign of life from {mate}.",
    "card.board.alarm.duress": "Quiet alarm: {mate} is under duress.",
    "card.board.alarm.not-told": "Alarm: {mate} could not be told.",
    "card.board.note": "{mate} at {time}:",
    "card.board.machine": "At the machine",
    "card.stage.briefed": "reading the brief",
    "card.stage.ready": "has the brief",
    "card.stage.gone": "on the way",
    "card.stage.there": "there",
    "card.stage.out-safe": "out and safe",
    "card.alarm.again": "Still open. Reminder {number}.",
    "card.alarm.no-team": (
        "No team can be found: everybody who could be paged has been. You can ask again, look for "
        "people yourself, or end it."
    ),
    "card.alarm.overdue": "No sign of life from {mate}.",
    "card.alarm.overdue.since": "It was due at {time}.",
    "card.alarm.contact": "Their emergency contact, open to you because of this:",
    "card.alarm.no-contact": "They have left no emergency contact.",
    "card.alarm.duress": (
        "Quiet alarm: {mate} has given the duress phrase. Do not call or write to {mate}, or to "
        "anyone in the team, in a way that shows it: whoever is beside them may read along, and "
        "all their screens look normal. Do what your network has agreed on for this. The alarm "
        "stays open until you say how you know that they are all right."
    ),
    "card.alarm.not-told": (
        "{mate} may not know: a message about their safety reached them on no channel. "
        "Please find another way to tell them, then say how they are."
    ),
    "card.alarm.team": "Team: {mates}",
    "card.unreached.reporter": "Incident {code}: a message to a reporter could not be delivered.",
    "card.unreached": "Incident {code}: a message to {mate} could not be delivered.",
}
