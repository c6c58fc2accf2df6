"""What the Signal service answers to a send, read: a timestamp, or the `SendError` that it means.

Rules it keeps
    * The body of an answer is never quoted: the service puts addresses into its error texts.
    * Whatever may have reached the person although the service complains is `Unsure`, so that a
      repeat is marked; only what surely did not leave is tried again without a mark.
    * What is wrong with our own account or with the service is never blamed on the person.

What it must not know
    Sockets, the message that was sent, and to whom.

Texts and codes follow signal-cli-rest-api (`SendV2`, `jsonrpc2.go`) and signal-cli
(`SendMessageResultUtils.java`, `SendCommand.java`), read in August 2026.
"""

from __future__ import annotations

import re

import msgspec

from responder.ports import Rejected, RetryLater, SendError, Unreachable, Unsure


class _Reason(msgspec.Struct):
    reason: str | None = None


class _Reasons(msgspec.Struct):
    recipients: list[_Reason] | None = None


class _Taken(msgspec.Struct):
    timestamp: str | int
    errors: _Reasons | None = None


class _Complaint(msgspec.Struct):
    error: str = ""
    challenge_tokens: list[str | None] | None = None


class Limited(Unsure):
    """A rate limit of the account: this message may have gone out; nothing else should for now."""

    def __init__(self, challenge: str) -> None:
        super().__init__("Signal limits how much this account may send; this one may have left")
        self.challenge = challenge


class NotNow(RetryLater):
    """The rate limit told for this recipient: the message did not leave."""


IDENTITY = (
    "Signal holds this message back because the person's safety number changed: "
    "ask the person another way whether the phone is new, then trust the new number in the service"
)
UNREGISTERED = "this person has no Signal account any more"
OUR_ACCOUNT = "the Signal service does not know our own number: register or link it there"

_REASONS: dict[str, type[SendError]] = {
    "UNREGISTERED_FAILURE": Unreachable,
    "IDENTITY_FAILURE": Unreachable,
    "INVALID_PRE_KEY_FAILURE": Unreachable,
    "NETWORK_FAILURE": Unsure,
    "RATE_LIMIT_FAILURE": NotNow,
}
_WORDS = {
    "UNREGISTERED_FAILURE": UNREGISTERED,
    "IDENTITY_FAILURE": IDENTITY,
    "INVALID_PRE_KEY_FAILURE": "this person's Signal has been away for too long to be written to",
    "NETWORK_FAILURE": "the Signal service lost its line while it sent",
    "RATE_LIMIT_FAILURE": "Signal limits how much this account may send",
}


def sent_at(status: int, body: bytes) -> str:
    """The timestamp of a message that left, in milliseconds; raises the `SendError` otherwise."""
    if status not in (200, 201):
        raise refusal(status, body)
    try:
        answer = msgspec.json.decode(body, type=list[_Taken] | _Taken)
    except msgspec.MsgspecError:
        raise Unsure("the Signal service took a message and answered unreadably") from None
    answers = answer if isinstance(answer, list) else [answer]
    if not answers:
        raise Unsure("the Signal service took a message and named no time for it")
    for taken in answers:
        for failure in (taken.errors.recipients or []) if taken.errors else []:
            raise _failed(failure.reason or "")
    return str(answers[0].timestamp)


def _failed(reason: str) -> SendError:
    kind = _REASONS.get(reason, Unsure)
    return kind(_WORDS.get(reason, "the Signal service reports a failure that has no name here"))


def refusal(status: int, body: bytes) -> SendError:
    """The error that an answer other than 200 or 201 stands for."""
    try:
        complaint = msgspec.json.decode(body, type=_Complaint)
    except msgspec.MsgspecError:
        complaint = _Complaint()
    if status == 429 or (status in (400, 413) and _RATE_LIMIT.search(complaint.error)):
        # signal-cli's own words for it, "[413] Rate limit exceeded", come with other codes too.
        tokens = [token for token in complaint.challenge_tokens or [] if token]
        return Limited(tokens[0] if tokens else "")
    if status == 400:
        return _bad_request(complaint.error)
    if status == 503:
        return RetryLater("the Signal service is not ready")
    if status >= 500:
        return Unsure(f"the Signal service failed with status {status}")
    if status in (413, 422):
        return Rejected(f"the Signal service refuses this message with status {status}")
    return RetryLater(
        f"status {status} where the Signal service should be: check signal.service_url"
    )


_RATE_LIMIT = re.compile(r"rate.?limit", re.IGNORECASE)
_BAD_REQUESTS: tuple[tuple[str, type[SendError], str], ...] = (
    (r"unregistered user|the user .* is not registered", Unreachable, UNREGISTERED),
    (r"untrusted", Unreachable, IDENTITY),
    (r"^user .* is not registered|account does not exist|valid account", RetryLater, OUR_ACCOUNT),
    (r"captcha", NotNow, _WORDS["RATE_LIMIT_FAILURE"]),
    (r"network failure|\(\w*(exception|timeout)\w*\)", Unsure, _WORDS["NETWORK_FAILURE"]),
)


def _bad_request(error: str) -> SendError:
    for pattern, kind, words in _BAD_REQUESTS:
        if re.search(pattern, error, re.IGNORECASE):
            return kind(words)
    if re.match(r"failed to send( \(some\))? messages?\W*$", error, re.IGNORECASE):
        # Newer versions of signal-cli say no more than this, of a line that broke as of an
        # account that is gone. Trying again costs little; giving up could cost a page.
        return RetryLater(
            "the Signal service could not send and does not say why", 5.0, whole=False
        )
    return Rejected("the Signal service refuses this message as malformed")
