"""Short closed tours: every stop once and back to the first, also where the way back takes longer than the way there."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_LONGEST = 6  # stops that are moved together
_GAIN = 1e-9
_ALIKE = 1.01  # tours up to this much longer than the shortest are worth a look
_NO = np.inf

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def short_tours(
    order: Sequence[int],
    seconds: Sequence[Sequence[float]],
    rng: random.Random,
    *,
    kicks: int,
    keep_on: Callable[[], bool],
    most: int = 1,
) -> list[list[int]]:
    """Return orders of some stops in which the closed tour over them is short, the shortest first.

    Iterated local search: of all reversals of a stretch (2-opt) and all moves of up to six stops in a row to
    another place of the tour, either way round (Or-opt), the best is made until none helps; then a double bridge
    joins four stretches anew, and the search goes on from the shortest tour found (Martin, Otto and Felten 1991).
    A reversal counts the ways in between as they are driven then, so one-ways are seen.

    Args:
        order: stops (rows of `seconds`), each once.
        seconds: the quickest time from each stop to each other.
        rng: the source of randomness.
        kicks: how often to start anew from the best.
        keep_on: polled before each new start; False ends the search.
        most: how many different tours to return at most; those that come after the first are at most a hundredth longer.

    Returns:
        Tours over the same stops; the first is never longer than `order`.
    """
    size = len(order)
    stops = list(order)
    if size < 3:
        return [stops]
    table = np.array([[seconds[a][b] for b in stops] for a in stops], float)
    there = np.isfinite(table)
    # where no way leads a long one stands, so that sums stay numbers
    table[~there] = 1000.0 * size * (1.0 + (table[there].max() if there.any() else 0.0))
    found: dict[tuple[int, ...], float] = {}

    def note(tour: Ints) -> float:
        length = _length(tour, table)
        found[tuple(np.roll(tour, -int(tour.argmin())).tolist())] = length
        return length

    given = np.arange(size)
    note(given)
    best, length = given, np.inf
    for start in (given, _nearest_first(table)):
        tour = _settle(start, table)
        if (new := note(tour)) < length:
            best, length = tour, new
    for _ in range(kicks if size > 3 else 0):
        if not keep_on():
            break
        tour = _settle(_bridged(best, rng), table)
        new = note(tour)
        if new <= length + _GAIN:
            best, length = tour, new
    ranked = sorted(found.items(), key=lambda one: (one[1], one[0]))
    short = [tour for tour, new in ranked if new <= _ALIKE * ranked[0][1]]
    return [[stops[i] for i in tour] for tour in short[:most]]


def _nearest_first(table: Floats) -> Ints:
    """Return the tour that goes on to the nearest stop not yet visited."""
    tour, left = [0], set(range(1, len(table)))
    while left:
        tour.append(min(left, key=lambda other: (table[tour[-1], other], other)))
        left.remove(tour[-1])
    return np.array(tour)


def _length(tour: Ints, table: Floats) -> float:
    return float(table[tour, np.roll(tour, -1)].sum())


def _bridged(tour: Ints, rng: random.Random) -> Ints:
    """Return a tour whose second and third of four stretches have changed places."""
    size = len(tour)
    start = rng.randrange(size)
    turned = np.roll(tour, -start)
    # short stretches change little, so that most of what was found stays
    a, b, c = sorted(rng.sample(range(1, min(size, 30) + 1 if size > 30 else size), 3))
    return np.concatenate([turned[:a], turned[b:c], turned[a:b], turned[c:]])


def _settle(tour: Ints, table: Floats) -> Ints:
    """Return the tour after the best move of all has been made again and again until none helps."""
    size = len(tour)
    moves = _Moves(size)
    for _ in range(20 * size):
        tour, gain = moves.best(tour, table)
        if gain >= -_GAIN:
            break
    return tour


class _Moves:
    """All moves of tours of one size, as arrays of positions."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.at = np.arange(size)
        self.next = np.roll(self.at, -1)
        self.before = np.roll(self.at, 1)
        # the first stop stays where it is: reversing what is left is turning the whole tour round
        self.stretch = (self.at[:, None] >= 1) & (self.at[:, None] < self.at[None, :])
        self.whole = min(_LONGEST, size - 2)
        ahead = (self.at[None, :] - self.at[:, None]) % size
        self.outside = [
            (ahead >= length) & (ahead != size - 1) if length else ahead >= 0
            for length in range(self.whole + 1)
        ]

    def best(self, tour: Ints, table: Floats) -> tuple[Ints, float]:
        """Return the tour after its best move, and how much longer it is."""
        way = table[np.ix_(tour, tour)]
        at, after, before = self.at, self.next, self.before
        step, back = way[at, after], way[after, at]
        forth_sum = np.concatenate([[0.0], np.cumsum(step)[:-1]])
        back_sum = np.concatenate([[0.0], np.cumsum(back)[:-1]])
        turn = (
            way[before, :]
            + way[:, after]
            - step[before][:, None]
            - step[None, :]
            + (back_sum - forth_sum)[None, :]
            - (back_sum - forth_sum)[:, None]
        )
        turn = np.where(self.stretch, turn, _NO)
        choice = int(turn.argmin())
        found, gain = ("turn", *divmod(choice, self.size), 0), float(turn.flat[choice])
        for length in range(1, self.whole + 1):
            last = (at + length - 1) % self.size
            beyond = after[last]
            inner = forth_sum[last] - forth_sum
            inner_back = back_sum[last] - back_sum
            wraps = last < at
            inner = np.where(wraps, inner + step.sum(), inner)
            inner_back = np.where(wraps, inner_back + back.sum(), inner_back)
            freed = way[before, beyond] - step[before] - step[last]
            kept = freed[:, None] + way[:, at].T + way[last][:, after] - step[None, :]
            turned = (
                freed[:, None]
                + way[:, last].T
                + way[at][:, after]
                - step[None, :]
                + (inner_back - inner)[:, None]
            )
            for kind, delta in (("move", kept), ("flip", turned)):
                price = np.where(self.outside[length], delta, _NO)
                choice = int(price.argmin())
                if price.flat[choice] < gain:
                    found, gain = (kind, *divmod(choice, self.size), length), float(price.flat[choice])
        whole = float(back.sum() - step.sum())
        if whole < min(gain, -_GAIN):
            return tour[::-1], whole
        return (self._made(tour, *found), gain) if gain < -_GAIN else (tour, 0.0)

    def _made(self, tour: Ints, kind: str, i: int, k: int, length: int) -> Ints:
        if kind == "turn":
            return np.concatenate([tour[:i], tour[i : k + 1][::-1], tour[k + 1 :]])
        turned = np.roll(tour, -i)
        piece, rest = turned[:length], turned[length:]
        cut = (k - i) % self.size - length + 1
        if kind == "flip":
            piece = piece[::-1]
        return np.concatenate([rest[:cut], piece, rest[cut:]])
