"""The best flow on a list of arcs, and the least prices that prove it.

Rows (mentees) have slots, columns (mentors) have seats; each further slot or seat earns no more
than the one before. Ahuja, Magnanti and Orlin 1993 for the model and for prices as longest paths
in the residual graph; Goldberg 1997 (cost scaling), as OR-Tools has it, for the flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.engine.errors import NotProved

Whole = NDArray[np.int64]
Bools = NDArray[np.bool_]

ENDLESS = 2**60


@dataclass(frozen=True)
class Steps:
    """Places of each owner, in steps of ``count`` places that earn ``gain`` each.

    Sorted by owner, and within an owner by falling gain.
    """

    owner: Whole
    count: Whole
    gain: Whole
    owners: int

    @classmethod
    def of(cls, *levels: tuple[Whole | Bools, Whole | int]) -> Steps:
        """Build from levels (places of each owner, gain), the best level first."""
        owners = len(levels[0][0])
        owner = np.concatenate([np.arange(owners)] * len(levels))
        count = np.concatenate([places for places, _ in levels])
        gain = np.concatenate([np.broadcast_to(gain, owners) for _, gain in levels])
        order = np.flatnonzero(count > 0)
        order = order[np.argsort(owner[order], kind="stable")]
        return cls(owner[order], count[order], gain[order].astype(np.int64), owners)

    @cached_property
    def places(self) -> Whole:
        """How many places each owner has."""
        return np.bincount(self.owner, self.count, self.owners).astype(np.int64)

    def each(self, most: int) -> tuple[Whole, Whole]:
        """Return owner and gain of every single place, at most ``most`` of an owner."""
        owner, gain = np.repeat(self.owner, self.count), np.repeat(self.gain, self.count)
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
        return owner[rank < most], gain[rank < most]

    def filled(self, used: Whole) -> Whole:
        """Return how many places of each step are taken when each owner uses ``used``."""
        before = np.cumsum(self.count) - self.count
        first = np.searchsorted(self.owner, self.owner)
        return np.clip(used[self.owner] - before + before[first], 0, self.count)

    def earned(self, used: Whole) -> int:
        return int((self.filled(used) * self.gain).sum())

    def last_gain(self, used: Whole) -> Whole:
        """Return what the last place in use earns; endless where none is used."""
        taken = self.filled(used) > 0
        gain = np.full(self.owners, ENDLESS)
        np.minimum.at(gain, self.owner[taken], self.gain[taken])
        return gain

    def next_gain(self, used: Whole) -> Whole:
        """Return what one more place would earn; minus endless where none is left."""
        spare = self.filled(used) < self.count
        gain = np.full(self.owners, -ENDLESS)
        np.maximum.at(gain, self.owner[spare], self.gain[spare])
        return gain

    def at(self, gain: Whole, used: Whole) -> tuple[Whole, Whole]:
        """Count each owner's used and spare places that earn exactly ``gain`` of the owner."""
        equal = self.gain == gain[self.owner]
        filled = self.filled(used) * equal
        counts = (
            np.bincount(self.owner, places, self.owners)
            for places in (filled, self.count * equal - filled)
        )
        taken, spare = (count.astype(np.int64) for count in counts)
        return taken, spare

    def rent(self, price: Whole) -> int:
        """Return what all places earn beyond what they cost: ``price`` of the owner each."""
        return int((self.count * np.maximum(self.gain + price[self.owner], 0)).sum())


@dataclass(frozen=True)
class Market:
    """Arcs from rows to columns and what each earns, with the places at both ends."""

    row: Whole
    col: Whole
    value: Whole
    slots: Steps
    seats: Steps

    def uses(self, chosen: Bools) -> tuple[Whole, Whole]:
        """Return how many chosen arcs each row and each column has."""
        return (
            np.bincount(self.row[chosen], minlength=self.slots.owners),
            np.bincount(self.col[chosen], minlength=self.seats.owners),
        )

    def earned(self, chosen: Bools) -> int:
        at_rows, at_cols = self.uses(chosen)
        value = int(self.value[chosen].sum())
        return value + self.slots.earned(at_rows) + self.seats.earned(at_cols)


def best_flow(market: Market) -> Bools:
    """Return which arcs the best flow uses; each at most once.

    A slot left empty loses its gain. Raises NotProved where OR-Tools finds no optimum, which
    figures beyond its whole numbers would do.
    """
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    rows, cols, arcs = market.slots.owners, market.seats.owners, len(market.row)
    sink = rows + cols
    tails = np.concatenate([market.row, market.slots.owner, rows + market.seats.owner])
    heads = np.concatenate([rows + market.col, np.full(len(tails) - arcs, sink)])
    room = np.concatenate([np.ones(arcs, np.int64), market.slots.count, market.seats.count])
    cost = np.concatenate([-market.value, market.slots.gain, -market.seats.gain])
    network = SimpleMinCostFlow()
    numbers = network.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), room, cost
    )
    places = market.slots.places
    supplies = np.concatenate([places, np.zeros(cols, np.int64), [-places.sum()]])
    network.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies)
    if (status := network.solve()) != network.OPTIMAL:
        raise NotProved(f"The flow was not solved: {status}.")
    chosen: Bools = network.flows(numbers[:arcs]) > 0
    return chosen


@dataclass(frozen=True)
class Moves:
    """Steps of the residual graph: a row may leave column ``tail`` for ``head`` and gains."""

    tail: Whole
    head: Whole
    gain: Whole

    def starting_at(self, columns: int) -> tuple[Moves, Whole]:
        """Return the moves sorted by tail, and where those of each column start."""
        order = np.argsort(self.tail, kind="stable")
        moves = Moves(self.tail[order], self.head[order], self.gain[order])
        return moves, np.searchsorted(moves.tail, np.arange(columns + 1))


def moves_of(market: Market, chosen: Bools) -> Moves:
    """Return every move of a row from a column it uses to one it does not use."""
    used, idle = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    used = used[np.argsort(market.row[used], kind="stable")]
    starts = np.searchsorted(market.row[used], np.arange(market.slots.owners + 1))
    sources, counts = ragged(starts, market.row[idle])
    leave, join = used[sources], np.repeat(idle, counts)
    gain = market.value[join] - market.value[leave]
    return Moves(market.col[leave], market.col[join], gain)


def ragged(starts: Whole, groups: Whole) -> tuple[Whole, Whole]:
    """Return the places of all members of each group listed, and how many each has."""
    counts = starts[groups + 1] - starts[groups]
    before = np.cumsum(counts) - counts
    places = np.repeat(starts[groups] - before, counts) + np.arange(int(counts.sum()))
    return places, counts


def least_prices(market: Market, chosen: Bools) -> Whole:
    """Return the least prices of the columns, from 0, that hold the chosen arcs in place.

    Bellman and Ford over the columns, rows contracted; only columns whose price has risen are
    looked at again. O(N * E) at worst. Raises NotProved if prices keep rising, which optimality
    rules out.
    """
    at_rows, at_cols = market.uses(chosen)
    last = market.seats.last_gain(at_cols)
    price = np.where(at_cols > 0, np.maximum(-last, 0), 0)
    following = market.slots.next_gain(at_rows)[market.row]
    comes = ~chosen & (following > -ENDLESS)
    np.maximum.at(price, market.col[comes], (market.value + following)[comes])
    moves, starts = moves_of(market, chosen).starting_at(len(price))
    front = np.arange(len(price))
    for _ in range(len(price) + 2):
        places, counts = ragged(starts, front)
        offers = np.repeat(price[front], counts) + moves.gain[places]
        heads = moves.head[places]
        rises = offers > price[heads]
        if not rises.any():
            return price
        np.maximum.at(price, heads[rises], offers[rises])
        risen = np.zeros(len(price), dtype=bool)
        risen[heads[rises]] = True
        front = np.flatnonzero(risen)
    raise NotProved("The prices of the mentors do not settle.")


def worth_of(market: Market, chosen: Bools, price: Whole) -> Whole:
    """Return what each row's least used place is worth to it at these prices.

    No arc that the row does not use earns more, and none that it uses less.
    """
    at_rows, _ = market.uses(chosen)
    worth = -market.slots.next_gain(at_rows)
    rows, cols = market.row[chosen], market.col[chosen]
    np.minimum.at(worth, rows, market.value[chosen] - price[cols])
    return worth
