"""The exact optimum over more pairs than fit in memory: candidates, duals, pricing with pools.

1. One pass over all pairs pools the best of each mentee and a few of each mentor, and bounds what
   is left out. 2. The best flow on a few arcs of the pool gives prices. 3. Pairs of the pool that
   earn more than their prices join the arcs, until there are none. 4. A mentee whose bound lies
   under their worth, however prices have fallen since, is certified; the others are looked at
   again. When all are certified, no pair anywhere earns more than its prices: the optimum.

Column generation after Dantzig and Wolfe 1960; on realistic scores two passes and under ten flows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matching.engine.blocks import OpenPairs
from matching.engine.candidates import (
    NOTHING_LEFT_OUT,
    Candidates,
    Scan,
    best_of_each,
    column_bars,
    scan_progress,
)
from matching.engine.errors import NotProved
from matching.engine.flow import (
    Bools,
    Market,
    Steps,
    Whole,
    best_flow,
    least_prices,
    worth_of,
)
from matching.engine.scoring import Progress

POOLED = 60
EXACT_SHARE = 0.05
FIRST_ARCS = 10
FIRST_ARCS_OF_COLUMN = 10
MORE_ARCS = 10
KEPT_ARCS = 4
MOST_ROUNDS = 30
MOST_ARCS_SHARE = 0.25
ROUNDS_BEFORE_SECOND_PASS = 1
NEARLY = 0.02


class NeedsDense(Exception):
    """Pricing does not settle on these scores; a solver that holds all pairs should take over."""


@dataclass(frozen=True)
class Places:
    """The slots of the rows and the seats of the columns."""

    slots: Steps
    seats: Steps


@dataclass(frozen=True)
class Look:
    """What one look at all pairs found at these prices; ``bar``: see :class:`Scan`."""

    pool: Candidates
    price: Whole
    bar: Whole | None

    @classmethod
    def at(cls, pairs: OpenPairs, price: Whole | None, progress: Progress) -> Look:
        """Look at all pairs at prices of nearly the same pool, or with none."""
        rows, cols = pairs.shape
        bar = column_bars(pairs, FIRST_ARCS_OF_COLUMN) if price is None else None
        price = np.zeros(cols, np.int64) if price is None else price
        pool = Scan(pairs, price, POOLED, bar).run(np.arange(rows), scan_progress(progress, rows))
        return cls(pool, price, bar)


@dataclass(frozen=True)
class Start:
    """What to begin with: prices of nearly the same pool, a look at all pairs, or both."""

    price: Whole | None = None
    look: Look | None = None


@dataclass(frozen=True)
class Priced:
    """A proved optimum on all pairs: the arcs looked at last, which are chosen, and the prices.

    ``loose`` rows may have tied pairs (value equal to their prices) beyond ``pool``.
    """

    market: Market
    chosen: Bools
    price: Whole
    worth: Whole
    pool: Candidates
    loose: Whole
    passes: float
    rounds: int

    @property
    def primal(self) -> int:
        return self.market.earned(self.chosen)

    @property
    def dual(self) -> int:
        surplus = self.market.value - self.worth[self.market.row] - self.price[self.market.col]
        rents = self.market.slots.rent(self.worth) + self.market.seats.rent(self.price)
        return rents + int(np.maximum(surplus, 0).sum())


@dataclass
class Pricing:
    """The state of one solve; ``run`` carries it to the proof."""

    pairs: OpenPairs
    places: Places
    progress: Progress
    may_give_up: bool
    market: Market = field(init=False)
    chosen: Bools = field(init=False)
    price: Whole = field(init=False)
    worth: Whole = field(init=False)
    pool: Candidates = field(init=False)
    eras: list[Whole] = field(default_factory=list)
    era: Whole = field(init=False)
    looked_at: int = 0
    rounds: int = 0

    def run(self, start: Start) -> Priced:
        """Solve to the proof. Raises NotProved, or NeedsDense where it may give up."""
        self._first_pool(start)
        is_warm = start.price is not None
        while True:
            self._solve()
            missing = self._missing()
            if len(missing) and (self.rounds != ROUNDS_BEFORE_SECOND_PASS or is_warm):
                self._add(missing)
                continue
            if len(rows := self._uncertified()):
                self._look_again(rows)
            elif len(missing):
                self._add(missing)
            else:
                return self._proved()

    def _first_pool(self, start: Start) -> None:
        rows = self.pairs.shape[0]
        look = start.look or Look.at(self.pairs, start.price, self.progress)
        self.pool, price, bar = look.pool, look.price, look.bar
        self.eras, self.era, self.looked_at = [price], np.zeros(rows, np.int64), rows
        worth = self.pool.value - price[self.pool.col]
        jitter = np.random.default_rng(rows).permutation(len(worth)) % 2
        picked = [best_of_each(self.pool.row, worth * 2 + jitter, FIRST_ARCS)]
        if bar is not None:
            above = np.flatnonzero(self.pool.value > bar[self.pool.col] * self.pairs.factor)
            order = best_of_each(
                self.pool.col[above],
                self.pool.value[above] * 2 + jitter[above],
                2 * FIRST_ARCS_OF_COLUMN,
            )
            picked.append(above[order])
        is_picked = np.zeros(len(worth), dtype=bool)
        is_picked[np.concatenate(picked)] = True  # np.unique takes ten times as long
        self._set_arcs(np.flatnonzero(is_picked))

    def _scan(self, rows: Whole, price: Whole) -> Candidates:
        is_few = len(rows) < EXACT_SHARE * self.pairs.shape[0]
        seen = np.array_equal(price, self.eras[-1])
        scan = Scan(self.pairs, price, POOLED, exact=is_few or seen)
        found = scan.run(rows, scan_progress(self.progress, len(rows)))
        self.eras.append(price)
        self.era[rows] = len(self.eras) - 1
        self.looked_at += len(rows)
        return found

    def _set_arcs(self, picked: Whole) -> None:
        pool = self.pool
        self.market = Market(
            pool.row[picked],
            pool.col[picked],
            pool.value[picked],
            self.places.slots,
            self.places.seats,
        )

    def _solve(self) -> None:
        self.rounds += 1
        self.progress("pairs", self.rounds, MOST_ROUNDS)
        cells = self.pairs.shape[0] * self.pairs.shape[1]
        if self.may_give_up and (
            self.rounds > MOST_ROUNDS or len(self.market.row) > MOST_ARCS_SHARE * cells
        ):
            raise NeedsDense
        self.chosen = best_flow(self.market)
        self.price = least_prices(self.market, self.chosen)
        self.worth = worth_of(self.market, self.chosen, self.price)

    def _excess(self) -> Whole:
        """Return what each pair of the pool earns beyond its prices."""
        pool = self.pool
        return pool.value - self.price[pool.col] - self.worth[pool.row]

    def _missing(self) -> Whole:
        """Return the places in the pool that should be arcs: they earn more than their prices.

        With them come those that earn nearly as much: prices that move make the next ones of them.
        """
        excess = self._excess()
        if not (excess > 0).any():
            return np.zeros(0, np.int64)
        near = int(self.pairs.largest * NEARLY) * self.pairs.factor
        found = np.flatnonzero(excess > -near)
        keys, arcs = self._keys(self.pool, found), self._keys(self.market)
        found = found[~np.isin(keys, arcs, assume_unique=True)]
        found = found[best_of_each(self.pool.row[found], excess[found], MORE_ARCS)]
        return found if (excess[found] > 0).any() else found[:0]

    def _keys(self, pairs: Candidates | Market, places: Whole | slice = slice(None)) -> Whole:
        return pairs.row[places] * self.pairs.shape[1] + pairs.col[places]

    def _add(self, places: Whole) -> None:
        """Join pairs of the pool to the arcs."""
        pool, market = self.pool, self.market
        row = np.concatenate([market.row, pool.row[places]])
        col = np.concatenate([market.col, pool.col[places]])
        value = np.concatenate([market.value, pool.value[places]])
        _, first = np.unique(row * self.pairs.shape[1] + col, return_index=True)
        self.market = Market(
            row[first], col[first], value[first], self.places.slots, self.places.seats
        )

    def _ceiling(self) -> Whole:
        """Return for each row what any pair outside the pool can earn at most at these prices."""
        falls = np.array([int((price - self.price).max()) for price in self.eras])
        return self.pool.bound + falls[self.era]

    def _uncertified(self) -> Whole:
        return np.flatnonzero(self._ceiling() > self.worth)

    def _look_again(self, rows: Whole) -> None:
        """Pool the rows anew at present prices; keep of the arcs what matters there."""
        if self.looked_at == self.pairs.shape[0]:
            self._drop_arcs()
        found = self._scan(rows, self.price)
        pool = self.pool
        fresh = np.zeros(self.pairs.shape[0], dtype=bool)
        fresh[rows] = True
        stays = ~fresh[pool.row]
        bound = pool.bound.copy()
        bound[rows] = found.bound
        self.pool = Candidates(
            np.concatenate([pool.row[stays], found.row]),
            np.concatenate([pool.col[stays], found.col]),
            np.concatenate([pool.value[stays], found.value]),
            bound,
        )
        self._add(self._close(rows=fresh))

    def _close(self, rows: Bools) -> Whole:
        """Return the best pairs of some rows, and all that earn more than their prices."""
        excess = self._excess()
        mine = np.flatnonzero(rows[self.pool.row])
        best = mine[best_of_each(self.pool.row[mine], excess[mine], MORE_ARCS)]
        return best

    def _drop_arcs(self) -> None:
        """Forget the arcs that lie far under their prices: guesses of the first pass."""
        market = self.market
        excess = market.value - self.price[market.col] - self.worth[market.row]
        near = np.zeros(len(excess), dtype=bool)
        near[best_of_each(market.row, excess, KEPT_ARCS)] = True
        kept = np.flatnonzero(near | self.chosen)
        self.market = Market(
            market.row[kept], market.col[kept], market.value[kept], market.slots, market.seats
        )

    def _proved(self) -> Priced:
        priced = Priced(
            market=self.market,
            chosen=self.chosen,
            price=self.price,
            worth=self.worth,
            pool=self.pool,
            loose=np.flatnonzero(self._ceiling() == self.worth),
            passes=self.looked_at / max(self.pairs.shape[0], 1),
            rounds=self.rounds,
        )
        if priced.primal != priced.dual:
            raise NotProved("What the pairs earn differs from what the prices allow.")
        return priced


__all__ = ["NOTHING_LEFT_OUT", "Look", "NeedsDense", "Places", "Priced", "Pricing", "Start"]
