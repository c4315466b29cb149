import pytest
import yaml

from analysis.coding.codebook import CODES, load_codebook, load_platforms
from analysis.errors import CaodianError


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
