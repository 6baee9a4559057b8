"""What contexts share that call a party outside, such as a payment provider or a carrier.

A call is recorded before it is made. Where no outcome is heard, that is recorded too, and the call is made again under
the same key. A party that does not answer is left alone for a while. An undo asks what became of a call before it
undoes it. A context says what its party can do (`ports.py`) and decides what its answers mean (`decisions.py`); its
state is a `CallState`. This package knows no context.
"""
