import polars as pl
import pytest
import yaml

from analysis.coding.codebook import CODES, accept_code, load_codebook, load_platforms
from analysis.coding.coder import code_grievances, get_coder
from analysis.coding.keyword_coder import KeywordCoder
from analysis.errors import CaodianError
from analysis.measures.prevalence import count_grievances
from analysis.storage.run_paths import codebook_directory


def test_the_nine_codes_with_both_names():
    codebook = load_codebook()
    assert codebook.code_names == CODES
    assert all(entry.zh and entry.en and entry.definition_zh for entry in codebook.codes.values())
    assert len(codebook.sub_names) == 19


def test_unknown_code_names_the_nearest():
    with pytest.raises(CaodianError, match="delivery"):
        load_codebook().require("delivry")


def _written(tmp_path, change):
    data = yaml.safe_load(
        (load_path := __import__("analysis.storage.run_paths", fromlist=["x"]).codebook_directory())
        .joinpath("codebook.yaml")
        .read_text(encoding="utf-8")
    )
    assert load_path
    change(data)
    path = tmp_path / "codebook.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def test_unknown_key_is_an_error(tmp_path):
    path = _written(tmp_path, lambda data: data["codes"]["price"].update(inclode=[]))
    with pytest.raises(CaodianError, match="inclode"):
        load_codebook(path)


def test_example_with_unknown_code_is_an_error(tmp_path):
    def change(data):
        data["codes"]["price"]["examples"][0]["grievances"] = ["prise"]

    with pytest.raises(CaodianError, match="price"):
        load_codebook(_written(tmp_path, change))


def test_platforms_are_canonical():
    platforms = load_platforms()
    assert {"淘宝", "天猫", "京东", "拼多多", "抖音", "快手", "得物", "苏宁易购", "唯品会"} <= set(
        platforms
    )


def _draft(folder, **changes):
    entry = {"zh": "忽冷忽热", "en": "hot and cold", "terms": ["忽冷 <9> 忽热", "一会(儿)?冷"]}
    path = folder / "draft.yaml"
    entry = {key: value for key, value in {**entry, **changes}.items() if value is not None}
    name = entry.pop("name", "hot_cold")
    path.write_text(yaml.safe_dump({name: entry}, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_code_of_ones_own_is_counted_by_its_terms(tmp_path, monkeypatch):
    mine = tmp_path / "mine"
    assert accept_code(_draft(tmp_path), mine) == ("hot_cold",)
    monkeypatch.setenv("CAODIAN_CODEBOOK", str(mine))
    assert load_codebook().code_names == (*CODES, "hot_cold")
    texts = {
        "水温忽冷忽热，客服不管，太差了": True,
        "水忽冷，一會又忽熱，投诉也没用": True,
        "洗个澡一会冷，垃圾，退货": True,
        "不发货，退款也不理": False,
        "今天天气忽冷忽热，大家注意保暖": False,
        "水忽冷，客服一直都不回电话也不上门处理，忽热的事没人管": False,
    }
    posts = pl.DataFrame({"text": list(texts)})
    for coder in ("keyword", "fast"):
        coded = code_grievances(posts, coder)
        negative = coded["is_negative"].to_list()
        given = [own and said for own, said in zip(texts.values(), negative, strict=True)]
        assert ["hot_cold" in codes for codes in coded["grievances"]] == given
        assert ["hot_cold" in scores for scores in coded["scores"]] == given
        assert sum(given) >= 2
    counts = count_grievances(coded).filter(pl.col("grievance") == "hot_cold")
    assert counts["items"].to_list() == [sum(given)]
    accept_code(_draft(tmp_path, terms=["客服"]), mine)
    again = code_grievances(posts, "keyword")["grievances"].to_list()
    assert "hot_cold" in again[0] and "hot_cold" not in again[2]


def test_without_codes_of_ones_own_a_coder_is_itself():
    assert type(get_coder("keyword")) is KeywordCoder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"terms": None}, "a code of one's own must have terms"),
        ({"subs": {"cold": {"zh": "冷", "en": "cold"}}}, "has no sub-grievances"),
        ({"name": "Hot cold"}, "small letters, digits and _"),
        ({"name": "negative"}, "small letters, digits and _"),
        ({"name": "price"}, "may stand once"),
        ({"terms": ["忽冷(忽热"]}, "matching brackets"),
        ({"terms": ["忽冷 忽热"]}, "parts with gaps between"),
        ({"words": ["忽冷"]}, "Extra inputs"),
    ],
)
def test_a_code_that_nothing_would_count_is_refused(tmp_path, change, message):
    with pytest.raises(CaodianError, match=message):
        accept_code(_draft(tmp_path, **change), tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_the_projects_own_codebook_is_not_written_to(tmp_path):
    with pytest.raises(CaodianError, match="folder of one's own"):
        accept_code(_draft(tmp_path), codebook_directory())


def test_a_tenth_code_without_terms_or_a_missing_one_is_an_error(tmp_path):
    with pytest.raises(CaodianError, match="must have terms"):
        load_codebook(
            _written(tmp_path, lambda data: data["codes"].update(x1={"zh": "甲", "en": "x"}))
        )
    with pytest.raises(CaodianError, match="nine codes"):
        load_codebook(_written(tmp_path, lambda data: data["codes"].pop("price")))
    with pytest.raises(CaodianError, match="only a code of one's own has terms"):
        load_codebook(_written(tmp_path, lambda data: data["codes"]["price"].update(terms=["贵"])))
