"""What an order waits for and what comes next, as the API says it, to be translated."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.languages import N_

PHRASES = (
    N_("place the order"),
    N_("its process to begin"),
    N_("the stock to be reserved"),
    N_("the stock to be released"),
    N_("the payment to be authorised"),
    N_("the payment to be let go"),
    N_("the payment to be let go that was authorised late"),
    N_("the carrier to take the shipment"),
    N_("the shipment to be stopped"),
    N_("the shipment to be stopped that the carrier took late"),
    N_("the money to be taken"),
    N_("the money to be given back"),
    N_("the money to be given back that was taken late"),
    N_("the money to be given back that somebody asked for"),
    N_("the customer to confirm the payment, or to pay in another way"),
    N_("the shipment to be dispatched"),
    N_("the shipment to arrive"),
    N_("reserve the stock"),
    N_("release the stock"),
    N_("authorise the payment"),
    N_("let go of the payment"),
    N_("book the shipment"),
    N_("stop the shipment"),
    N_("take the money"),
    N_("give the money back"),
    N_("confirm the order"),
    N_("cancel the order"),
    N_("ship the order"),
    N_("deliver the order"),
    N_("nothing more"),
)
"""What the table of steps calls what is awaited, and what comes next."""

PROCESS_WORDS: Mapping[str, str] = {phrase: phrase for phrase in PHRASES}
