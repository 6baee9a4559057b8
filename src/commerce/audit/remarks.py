"""Remarks: what the log has as English sentences of the code's own, such as what a case is about, in a language.

The code that remarks something writes it once, in English, and the log keeps that. `PHRASES` are the forms that remarks
have; one is told in another language by the form that it has, and each value in it likewise.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

from commerce.audit.languages import ToldLanguage

PHRASES = (
    # what the process says of itself
    "the order waits: {why}",
    "the order is confirmed, and nobody said in time that its shipment left",
    "the request to {asked} has no outcome yet ({why}); it goes on being tried",
    "the request to {asked} has no outcome yet; it goes on being tried",
    "no outcome yet of the refund {refunds}; it goes on being tried",
    "{amount} was not given back: {why}",
    "{step} was done all the same, after a person had taken it as undone",
    "the shipment of an order that was never confirmed cannot be stopped: {why}",
    "the shipment of an order that was given up cannot be stopped: {why}",
    "the customer disputes {amount} ({why}); answer by {time} UTC",
    "the customer disputes {amount} ({why})",
    "the payment provider lets go of the {amount} at {time} UTC, and the order does not get on",
    "the payment provider does not let go of money set aside twice ({id}): {why}",
    "the carrier does not drop a shipment booked twice ({id}): {why}",
    "the payment provider does not let the money go: {why}",
    "the payment provider does not give the money back: {why}",
    "the carrier does not drop the shipment: {why}",
    "it is on its way; {rest}",
    "it is to end {ending}, undone first; {rest}",
    "it is on its way",
    "it is to end {ending}, undone first",
    "everything is undone; the order ended {ending}",
    "every step is done, and nobody has said yet that the shipment left",
    "the shipment left, and nobody has said yet that it arrived",
    "the shipment arrived",
    "no order is behind it, and only a person can say what it is",
    "the process manager has not read the order yet",
    "{what}: the payment provider wants that before it sets money aside",
    "there is no answer yet to the request for {awaited} ({why})",
    "there is no answer yet to the request for {awaited}",
    "reject the order ({why})",
    "parked by {who}, see GET /ops/parked",
    # what is said instead of a value, or of an event
    "erased by {who} at {time}",
    "This event cannot be read: {why}",
    # what it said of itself in logs of earlier versions
    "the carrier does not drop a parcel booked twice ({id}): {why}",
    "the parcel of an order that was never confirmed cannot be stopped: {why}",
    "the parcel of an order that was given up cannot be stopped: {why}",
    # ledgers
    "authorisation {id}: {what}",
    "shipment {id}: {what}",
    "the payment provider {holds}, and it is no order's of ours",
    "the payment provider {holds}, and it is not on record",
    "{amount} are on record as {what}, and the payment provider knows of none",
    "{theirs} at the payment provider, {ours} on record",
    "the payment provider took {theirs}, {ours} on record",
    "the payment provider gave {theirs} back, {ours} on record",
    "the payment provider still holds {amount} for an order that has ended",
    "the payment provider holds {amount}, and nothing is on record as set aside",
    "the payment provider holds nothing any more, {ours} on record as set aside",
    "the payment provider holds {theirs}, {ours} on record",
    "the dispute {id} is open on record, and the payment provider tells of none",
    "the dispute {id} of {amount} ({why}) is {status} at the payment provider, {ours}",
    "it is on record as booked, and the carrier knows of none",
    "it is on record as booked, and cancelled at the carrier",
    "the carrier has it booked, and it is on record as cancelled",
    "the carrier has it booked, and it is no order's of ours",
    "the carrier has it booked, and it is not on record",
    "the carrier still has it booked for an order that has ended",
    "holds {amount}",
    "{holds} beside the {amount} that were taken",
    "not on record",
    "open on record",
    "otherwise on record",
    "set aside",
    "taken",
    "held",
    "given back",
    # what the provider tells of itself
    "it tells of the authorisation {id}, which is no order's of ours",
    "it tells of the authorisation {id}, which nobody asked it for",
    "it tells of the authorisation {id}, and nobody asked for one",
    "it says that money moved under {id}, which it had let go of",
    "it says that {theirs} is {what} under {id}, and {ours} is on record",
    # calls
    "{party} rejects the request ({why})",
    "{party} gave no answer in time",
    "{party} gave no answer ({why})",
    "{party} gave no answer",
    "{party} cannot be reached",
    "{party} gave an answer that we do not understand",
    "{party} answered {status} with something that is not JSON",
    "{party} answered {status} without saying why",
    "{party} answered with something that is not an object",
    "{party} rejects our API key ({status})",
    "{party} answered {status}",
    # answers that differ
    "the payment provider {answered} instead of {asked}",
    "the carrier {answered} instead of {asked}",
    "set {amount} aside",
    "setting {amount} aside",
    "taking {amount}",
    "letting go of {amount}",
    "let go of {amount}",
    "giving {amount} back",
    "gave {amount} back",
    "took {amount}",
    "opened an authorisation of {amount}",
    "wants the customer to act for {amount}",
    "rejected ({why})",
    "booked a shipment",
    "dropped a shipment",
    "booking a shipment",
    "dropping the shipment",
    "a shipment",
    "the money",
    "money",
    "it is left alone for a while",
    "{what} for another request",
    "{what} for order {id}",
    "{what} under {id}",
    "the payment provider",
    "the carrier",
    "{party}: {what}",
    "{one}; {other}",
    "{one} and {other}",
)
"""The forms of remarks, the narrower before the wider; what is in braces is a value, or a remark itself."""

_JOINED = PHRASES[-3:]
"""Forms that say something only where one of their parts does."""
_PLAIN = frozenset({"amount", "theirs", "ours", "id", "refunds", "status", "time"})
"""Values that are no remarks: a list of remarks goes on behind them."""
_LONGEST_CHARACTERS = 1_000
"""A longer remark is no remark of ours alone, and stays as it is."""
_MOST_PARTS = 24
"""Remarks within a remark that are told; ours have a few, and the words of a party could have any number."""


def told_remark(remark: str, language: ToldLanguage) -> str:
    """A remark in a language; what has none of the forms stays as it is, as the words of a party do."""
    if language.is_english or len(remark) > _LONGEST_CHARACTERS:
        return remark
    return _told(remark, language, {})


def _told(remark: str, language: ToldLanguage, seen: dict[str, str]) -> str:
    """A remark, or one within it; `seen` are those that were told, as each is tried once."""
    if remark in seen or len(seen) == _MOST_PARTS:
        return seen.get(remark, remark)
    seen[remark] = remark
    if (known := language.text(remark)) != remark or (known := language.word(remark)) != remark:
        seen[remark] = known
        return known
    for phrase in PHRASES:
        if found := _form(phrase).fullmatch(remark):
            said = found.groupdict()
            values = {name: _told(value, language, seen) for name, value in said.items()}
            if phrase not in _JOINED or values != said:
                seen[remark] = language.remark(phrase).format(**values)
                break
    return seen[remark]


@cache
def _form(phrase: str) -> re.Pattern[str]:
    """What has the form of a phrase; a value is as short as it can be."""
    parts: list[str] = []
    for text, name, _, _ in Formatter().parse(phrase):
        parts.append(re.escape(text))
        if name:
            parts.append(f"(?P<{name}>{'[^;]' if name in _PLAIN else '.'}+?)")
    return re.compile("".join(parts), re.DOTALL)
