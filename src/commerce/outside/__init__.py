"""Commands that call a party outside, such as a payment provider or a carrier: what every context that has one shares.

A call is put on record before it is made and, where no outcome was heard, after it; then it is made again under the same key.
An undo asks what became of a call before it undoes it. Contexts say what their party can do (`ports.py`) and decide what its
answers mean; this room knows none of them.
"""
