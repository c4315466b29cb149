"""Every column of words of every table says how nobody is named in it; a new one must, too."""

from analysis.corpus.mask import FIELDS, IDS
from analysis.schema.tables import table, table_names

WORDS = ("string", "list", "object")
TREATMENTS = {
    "masked before it is written": {*FIELDS, "title", "text"},
    "a keyed hash, where it names a person": {*IDS, "family_id"},
    "a number where the file's name names a person": {"source_file"},
    "written only where it is asked for, below data/raw": {"text_original"},
    "words of masked texts that many share": {
        "terms", "term", "label", "new_wording_of", "first", "second", "top_families",
    },
    "words of the study file": {"statement", "claim_id", "campaign", "peak_days", "threshold"},
    "our own words, numbers and codes": {
        "source_format", "masked", "grievances", "sub_grievances", "platforms", "scores", "reason",
        "era", "stratum", "grievance", "step", "grade", "verdict", "sentence_zh", "sentence_en",
        "sub_grievance", "platform", "top_grievance", "zh", "en", "counted", "claim_verdict",
        "found", "found_en",
    },
}  # fmt: skip


def columns_of_words():
    """Name the columns that may hold any words: those of a closed list are none."""
    columns = [one for name in table_names() for one in table(name).columns]
    return {one.name for one in columns if one.type in WORDS and not one.values}


def test_every_column_of_words_has_one_treatment():
    listed = [name for names in TREATMENTS.values() for name in names]
    assert len(listed) == len(set(listed))
    assert columns_of_words() - set(listed) == set()
    closed = {one.name for name in table_names() for one in table(name).columns if one.values}
    assert set(listed) - columns_of_words() - closed == set()
