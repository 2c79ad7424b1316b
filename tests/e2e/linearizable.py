# SPDX-License-Identifier: Apache-2.0
"""Whether what clients saw of one register can be put into one order: after Wing and Gong (1993),
with the states that Lowe (2017) remembers so that nothing is tried twice.

A history is a list of operations. `begun` and `ended` are moments of one clock; one that got no
clear answer has ended None: it may have been done at any moment after it began, or never."""
import dataclasses
import typing

NEVER = float("inf")


@dataclasses.dataclass(frozen=True)
class Operation:
    kind: str  # read, write, swap
    begun: float
    ended: typing.Optional[float]
    value: typing.Any = None  # that was read, or is written
    expected: typing.Any = None  # of a swap
    swapped: typing.Optional[bool] = None  # what the swap said


def step(state, operation):
    """The state afterwards, and whether the answer fits."""
    if operation.kind == "read":
        return state, operation.value == state
    if operation.kind == "write":
        return operation.value, True
    done = state == operation.expected
    after = operation.value if done else state
    return after, operation.swapped in (None, done)


def is_linearizable(history, initial=None):
    # A read without an answer says nothing.
    history = [o for o in history if o.kind != "read" or o.ended is not None]
    history.sort(key=lambda o: o.begun)
    ends = [NEVER if o.ended is None else o.ended for o in history]
    certain = sum(1 << i for i, o in enumerate(history) if o.ended is not None)
    seen, stack = set(), [(0, initial)]
    while stack:
        done, state = stack.pop()
        if done & certain == certain:
            return True
        if (done, state) in seen:
            continue
        seen.add((done, state))
        left = [i for i in range(len(history)) if not done >> i & 1]
        # Whatever ended before another one began comes before it.
        bound = min(ends[i] for i in left)
        for i in left:
            if history[i].begun > bound:
                break
            after, fits = step(state, history[i])
            if fits:
                stack.append((done | 1 << i, after))
    return False
