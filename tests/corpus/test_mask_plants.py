"""Planted personal data are found at the rates that were reached, less a margin."""

import pytest
from masking import LOOK_ALIKES, Drawer, measure

EACH = 40
SEED = 20_261_129
# Found whole at least: of the open set, and of the third that is held back.
NUMBERS = ("phone", "landline", "id", "card", "wechat", "qq", "email", "order", "plate", "passport")
LEAST = {
    "open": dict.fromkeys(NUMBERS, 0.95)
    | {"contact": 0.92, "intro": 0.92, "role": 0.9, "signed": 0.92, "name": 0.82, "address": 0.92},
    "held back": dict.fromkeys(NUMBERS, 0.93)
    | {"contact": 0.85, "intro": 0.65, "role": 0.7, "signed": 0.85, "name": 0.7, "address": 0.75},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LEAST)
def test_plants_are_found_and_look_alikes_stay(name):
    found = measure(name, list(Drawer(name, SEED).plants(EACH)), show=0)
    shares = found[~found["group"].isin(LOOK_ALIKES)].groupby("group")["whole"].mean()
    assert {kind for kind, share in shares.items() if share < LEAST[name][kind]} == set()
    harmed = found[found["group"].isin(LOOK_ALIKES)]
    assert (harmed["whole"] | harmed["part"]).mean() <= 0.02
    assert not found["differ"].any()  # columns and single texts
