"""Which ticket a mail belongs to. A wrong answer is worse than none."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mailflow.understanding.meaning import Attribution
from mailflow.understanding.message import Message
from mailflow.understanding.tokens import read_tokens

_TAG = re.compile(r"\[([A-Z][A-Z0-9]{0,9}-\d{1,12})\]", re.IGNORECASE)
_RECIPIENT_HEADERS = frozenset({"delivered-to", "x-original-to", "envelope-to", "x-envelope-to"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What in a mail points at a ticket. All of it is the sender's claim."""

    tokens: tuple[tuple[str, str], ...]  # (ticket, token), unchecked
    references: tuple[str, ...]  # Message-IDs that it answers, the nearest first
    subject_tags: tuple[str, ...]
    from_address: str  # "" unless there is exactly one


def clues(message: Message, mailbox: str) -> Clues:
    """Gather the clues; tokens count only in addresses of our own mailbox."""
    ours = [address for address in _recipients(message) if _is_ours(address, mailbox)]
    ids = (*message.in_reply_to, *reversed(message.references))
    return Clues(
        tokens=tuple(read_tokens(ours)),
        references=tuple(dict.fromkeys(ids)),
        subject_tags=tuple(dict.fromkeys(tag.upper() for tag in _TAG.findall(message.subject))),
        from_address=message.from_[0].address if len(message.from_) == 1 else "",
    )


def _recipients(message: Message) -> list[str]:
    written = [entry.address for entry in (*message.to, *message.cc)]
    stamped = [
        value.strip("<> ").lower()
        for name, value in message.headers
        if name.lower() in _RECIPIENT_HEADERS
    ]
    return written + stamped


def _is_ours(address: str, mailbox: str) -> bool:
    local, _, domain = address.lower().rpartition("@")
    base, _, our_domain = mailbox.lower().rpartition("@")
    return domain == our_domain and local.partition("+")[0] == base


def attribute(
    clues: Clues,
    *,
    valid_tokens: Collection[str],
    referenced: Collection[str],
    open_of_sender: Collection[str],
) -> Attribution:
    """Choose the ticket, or none where two fit or two clues contradict each other.

    Args:
        clues: what the mail itself says.
        valid_tokens: tickets whose token was made for this very sender.
        referenced: tickets of those of our mails that this one answers.
        open_of_sender: open tickets for which the sender is a contact.

    A tag in the subject only ever chooses among the candidates that the sender has anyway; it, and
    a reply address that proves nothing, withhold the answer where they name another ticket.
    """
    chosen = _by_the_strongest(clues, valid_tokens, referenced, open_of_sender)
    named = {ticket for ticket, _ in clues.tokens}
    if chosen.ticket and named and chosen.ticket not in named:
        both = {chosen.ticket, *(named & {*valid_tokens, *referenced, *open_of_sender})}
        return _none(both, "the reply address names another ticket, and was not given to him")
    return chosen


def _by_the_strongest(
    clues: Clues,
    valid_tokens: Collection[str],
    referenced: Collection[str],
    open_of_sender: Collection[str],
) -> Attribution:
    if valid_tokens:
        strays = set(referenced) - set(valid_tokens)
        if strays and not set(referenced) & set(valid_tokens):
            both = {*valid_tokens, *referenced}
            return _none(both, "the reply address and the answered mail name different tickets")
        return _chosen(valid_tokens, clues.subject_tags, "token in the reply address")
    if referenced:
        return _chosen(referenced, clues.subject_tags, "it answers a mail about this ticket")
    if open_of_sender:
        return _chosen(open_of_sender, clues.subject_tags, "the sender's only open ticket")
    return _none((), "nothing in it points at a ticket")


def _chosen(candidates: Collection[str], tags: Sequence[str], because: str) -> Attribution:
    distinct = set(candidates)
    tagged = distinct & set(tags)
    if tags and not tagged:
        return _none(distinct, "the subject names another ticket than the rest of the mail")
    if len(distinct) == 1:
        return Attribution(ticket=distinct.pop(), candidates=(), because=because)
    if len(tagged) == 1:
        because = f"chosen by the subject among {len(distinct)} tickets that fit"
        return Attribution(ticket=tagged.pop(), candidates=(), because=because)
    return _none(distinct, f"{len(distinct)} tickets fit")


def _none(candidates: Collection[str], because: str) -> Attribution:
    return Attribution(ticket="", candidates=tuple(sorted(candidates)), because=because)
