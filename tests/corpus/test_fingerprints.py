"""What is spilled comes back as it was; nothing half written is left under the final name."""

import numpy as np
import polars as pl
import pytest

from analysis.corpus.fingerprints import SpilledFingerprints, fingerprint_posts, spill

TEXTS = ["发货太慢", None, "慢", "发货太慢", "", "客服一直推脱不给退款😡" * 900, "坑人"]


@pytest.fixture
def both(tmp_path):
    posts = pl.DataFrame(
        {"key": [str(row) for row in range(len(TEXTS))], "published_at": range(7), "text": TEXTS}
    )
    made = fingerprint_posts(posts)
    spill(made, tmp_path / "part-1.x")
    return made, SpilledFingerprints(tmp_path / "part-1.x")


def test_columns_bands_and_rows_come_back(both):
    made, spilled = both
    assert len(spilled) == len(made) == 4
    assert spilled.rows.equals(made.rows)
    for name in ("hashes", "sizes", "bitmaps", "offsets"):
        assert (spilled.column(name) == made.column(name)).all()
        assert spilled.column(name).dtype == made.column(name).dtype
    for band in range(16):
        assert (spilled.band(band) == made.band(band)).all()


@pytest.mark.parametrize("chosen", [[0], [3], [1, 2], [0, 3], [0, 1, 2, 3]])
def test_texts_come_back_near_or_far_from_each_other(both, chosen):
    distinct = ["发货太慢", "慢", TEXTS[5], "坑人"]
    for part in both:
        offsets = part.column("offsets")
        places = np.array(chosen)
        data, starts, ends = part.texts_at(offsets[places], offsets[places + 1])
        found = [bytes(data[a:b]).decode() for a, b in zip(starts, ends, strict=True)]
        assert found == [distinct[place] for place in chosen]


def test_far_texts_elsewhere_are_read_without_what_lies_between(both):
    upath = pytest.importorskip("upath")
    elsewhere = upath.UPath("memory://caodian-fingerprints/part-1.x")
    elsewhere.parent.mkdir(parents=True, exist_ok=True)
    spill(both[0], elsewhere)
    spilled = SpilledFingerprints(elsewhere)
    offsets = spilled.column("offsets")
    data, starts, ends = spilled.texts_at(offsets[[0, 3]], offsets[[1, 4]])
    assert bytes(data).decode() == "发货太慢坑人"
    assert [bytes(data[a:b]).decode() for a, b in zip(starts, ends, strict=True)] == [
        "发货太慢",
        "坑人",
    ]


def test_a_write_that_fails_leaves_no_file_under_the_final_name(both, tmp_path, monkeypatch):
    monkeypatch.setattr(pl.DataFrame, "write_ipc", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        spill(both[0], tmp_path / "part-2")
    assert not (tmp_path / "part-2.arrow").exists()


def test_no_texts_at_all(tmp_path):
    posts = pl.DataFrame(
        {"key": ["a"], "published_at": [1], "text": [None]}, schema_overrides={"text": pl.String}
    )
    spill(fingerprint_posts(posts), tmp_path / "none")
    spilled = SpilledFingerprints(tmp_path / "none")
    assert len(spilled) == 0
    assert spilled.rows["entry"].to_list() == [None]
