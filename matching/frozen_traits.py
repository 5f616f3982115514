"""What the people of a run's frozen pool agreed to have compared, opened for the pairing only."""

from __future__ import annotations

import json

from matching.models import FrozenTraits, PairingRun


def traits_of(run: PairingRun) -> dict[str, dict[str, str]]:
    """Return choices by key, for each enrolment id as text. One query."""
    row = FrozenTraits.objects.filter(run=run).first()
    return json.loads(row.words) if row is not None else {}
