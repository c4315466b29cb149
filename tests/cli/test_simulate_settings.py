"""Every setting of the simulator can be turned from the command line, and a wrong turn is named."""

import polars as pl
import pytest

from analysis.cli.main import main

STUDY = "studies/618-2020.yaml"


@pytest.fixture
def simulate(tmp_path, capsys):
    def run(*arguments):
        command = ["simulate", "--study", STUDY, "--scale", "0.001", "--out", str(tmp_path)]
        with pytest.raises(SystemExit) as ended:
            main([*command, *arguments])
        posts = tmp_path / "posts.parquet"
        frame = pl.read_parquet(posts) if posts.exists() else None
        truth = pl.read_parquet(tmp_path / "truth.parquet") if posts.exists() else None
        return (ended.value.code, capsys.readouterr().err), frame, truth

    return run


@pytest.mark.slow
def test_a_day_and_an_hour_can_be_missing(simulate):
    result, posts, _ = simulate("--missing-day", "2020-06-03", "--missing-hour", "20")
    assert result[0] == 0
    times = posts["published_at"]
    assert "2020-06-03" not in set(times.dt.date().cast(pl.String))
    assert 20 not in set(times.dt.hour())
    assert times.dt.date().n_unique() == 19


@pytest.mark.slow
def test_an_hour_can_be_missing_on_one_day(simulate):
    _, posts, _ = simulate("--missing-hour", "20", "--partly-missing-day", "2020-06-05")
    evening = posts.filter(pl.col("published_at").dt.hour() == 20)["published_at"].dt.date()
    assert "2020-06-05" not in set(evening.cast(pl.String))
    assert evening.n_unique() == 19


@pytest.mark.slow
def test_copies_can_be_left_out(simulate):
    _, _, truth = simulate("--duplicates", "0")
    assert truth["duplicate_of"].null_count() == truth.height


@pytest.mark.slow
def test_a_plain_corpus_and_a_marked_trend(simulate):
    _, _, truth = simulate(
        "--difficulty", "0", "--trend", "marked", "--trend-grievance", "delivery"
    )
    with_codes = truth.filter(pl.col("grievances").list.contains("delivery"))
    days = with_codes["post_id"].str.head(2).cast(pl.Int64)
    assert (days > 10).sum() > 1.2 * (days <= 10).sum()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--trend-grievance", "parcels"], "parcels"),
        (["--trend", "steep"], "steep"),
        (["--missing-hour", "24"], "24"),
        (["--drift", "2"], "drift"),
    ],
)
def test_a_wrong_turn_is_named(simulate, arguments, said):
    result, posts, _ = simulate(*arguments)
    assert result[0] != 0
    assert said in result[1]
    assert posts is None
