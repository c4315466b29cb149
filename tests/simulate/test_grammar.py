"""The grammar: every slot can be filled, every label has wordings."""

from analysis.simulate import personal_data
from analysis.simulate.grammar import _Choice, _parse_template, _Slot, load_grammar
from analysis.simulate.scenario import _GOODS, _SLOTS

SUBS = {
    "live_streaming": [
        "license_not_displayed", "false_advertising", "goods_not_as_described", "fake_traffic",
        "after_sales",
    ],
    "price": [
        "price_surge", "price_drop_after_purchase", "price_protection_refused",
        "promotion_gimmick",
    ],
    "sms_harassment": [
        "marketing_sms", "cannot_unsubscribe", "data_leak", "membership_bait",
    ],
    "red_envelope": ["amount_too_small", "not_credited", "unfair_rules"],
    "counterfeit": ["fake_goods", "authentication", "coupon_dispute"],
    "unfair_terms": [], "delivery": [], "after_sales": [], "product_quality": [],
}  # fmt: skip


def slots_of(template):
    """Return the names of all slots, nested ones included."""
    names = {part.name for part in template if isinstance(part, _Slot)}
    options = [one for part in template if isinstance(part, _Choice) for one in part.options]
    return names.union(*map(slots_of, options))


def test_slots_are_found_at_every_depth():
    assert slots_of(_parse_template("<a>{x|<b>{<c>|}}")) == {"a", "b", "c"}


def test_every_slot_can_be_filled():
    grammar = load_grammar()
    known = set(grammar.pools) | set(_SLOTS) | set(_GOODS) | set(personal_data.KINDS) | {"item"}
    used = {
        slot
        for pool in grammar.pools.values()
        for wordings in pool.values()
        for template in wordings.all
        for slot in slots_of(template)
    }
    assert used - known == set()


def test_every_label_has_open_and_hidden_wordings():
    grammar = load_grammar()
    for code, subs in SUBS.items():
        for label in [f"{code}.{sub}" for sub in subs] or [code]:
            wordings = grammar.wordings("g_" + label, "weibo")
            assert len(wordings.open) >= 5, label
            assert wordings.hidden, label


def test_no_wording_is_written_twice():
    grammar = load_grammar()
    for name, pool in grammar.pools.items():
        if name != "platform_weights":
            templates = pool["any"].all
            assert len(templates) == len(set(templates)), name
