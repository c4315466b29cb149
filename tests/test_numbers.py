"""How numbers are written: each form on both sides of where another begins."""

from datetime import date

import pytest

from analysis import numbers


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        ("share_text", 0.00005, "0.01%"), ("share_text", 0.000049, "<0.01%"),
        ("share_text", 0.0004, "0.04%"), ("share_text", 0.0994, "9.94%"),
        ("share_text", 0.09996, "10.0%"), ("share_text", 0.9999, "100.0%"),
        ("quoted_share_text", 0.1, "10%"), ("quoted_share_text", 0.12345678, "12.3457%"),
        ("mean_text", 9.94, "9.9"), ("mean_text", 9.95, "10"), ("mean_text", 7.0, "7"),
        ("about_text", 999.6, "1,000"), ("about_text", 12_345, "12,300"),
        ("p_text", 0.001, "0.001"), ("p_text", 0.00099, "<0.001"), ("p_text", 0.0994, "0.099"),
        ("p_text", 0.0996, "0.10"),
        ("change_text", 8.994, "+899%"), ("change_text", 9.0, "×10.0"),
        ("change_text", -0.004, "0%"), ("change_text", 99.0, "×100"),
        ("multiple_text", -0.99, "×0.01"), ("multiple_text", -0.991, "×<0.01"),
        ("multiple_text", -1.0, "×0.00"), ("multiple_text", 98.9, "×99.9"),
        ("number_text", 9.9994, "9.999"), ("number_text", 10.4, "10"),
        ("count_text", 999.5, "1,000"), ("count_text", 0, "0"),
        ("decimal_text", 1234.567, "1,234.57"),
        # What rounds to nothing has no sign.
        ("decimal_text", -0.001, "0.00"), ("decimal_text", -0.0, "0.00"),
        ("share_text", -0.0, "0%"), ("share_text", -0.000001, "0.00%"),
        ("quoted_share_text", -0.0, "0%"), ("number_text", -0.0, "0"),
        ("mean_text", -0.04, "0.0"),
    ],
)  # fmt: skip
def test_a_number_has_the_digits_that_its_size_can_bear(write, value, text):
    assert getattr(numbers, write)(value) == text
    assert getattr(numbers, write)(None) == "–"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(-0.5, 8.9, "−50% to +890%"), (-0.5, 9.0, "×0.50 to ×10.0"), (9.5, 20.0, "×10.5 to ×21.0")],
)
def test_both_ends_of_a_change_have_the_form_of_the_upper_one(low, high, text):
    assert numbers.change_range_text(low, high, "en") == text


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [(99_999, "", ""), (100_000, "10万", ""), (999_999, "100万", ""),
     (1_000_000, "100万", "1 million"), (123_456_789, "12,346万", "123 million")],
)  # fmt: skip
def test_a_large_count_is_told_as_one_says_it(value, chinese, english):
    assert [numbers.rounded_text(value, language) for language in ("zh", "en")] == [
        chinese,
        english,
    ]


@pytest.mark.parametrize(
    ("value", "most", "chinese", "english"),
    [
        (5_000, 99_999, "5,000", "5,000"), (5_000, 100_000, "0.5万", "5k"),
        (1_500_000, 2_000_000, "150万", "1.5M"), (5e8, 1e9, "5亿", "0.5bn"),
        (5e7, 1e8, "5,000万", "50M"), (0, 1e9, "0", "0"),
    ],
)  # fmt: skip
def test_a_count_beside_an_axis_is_as_short_as_its_end(value, most, chinese, english):
    found = [numbers.short_count_text(value, language, most) for language in ("zh", "en")]
    assert found == [chinese, english]


@pytest.mark.parametrize(
    ("start", "end", "chinese", "english"),
    [
        (date(2020, 6, 1), date(2020, 6, 20), "2020年6月1日至20日", "1 to 20 June 2020"),
        (date(2020, 5, 30), date(2020, 6, 20), "2020年5月30日至6月20日", "30 May to 20 June 2020"),
        (date(2019, 12, 30), date(2020, 1, 2), "2019年12月30日至2020年1月2日",
         "30 December 2019 to 2 January 2020"),
        (date(2019, 6, 1), date(2020, 6, 1), "2019年6月1日至2020年6月1日",
         "1 June 2019 to 1 June 2020"),
        (date(2020, 6, 1), date(2020, 6, 1), "2020年6月1日", "1 June 2020"),
    ],
)  # fmt: skip
def test_a_window_names_what_its_ends_do_not_share(start, end, chinese, english):
    assert [numbers.window_text(start, end, language) for language in ("zh", "en")] == [
        chinese, english,
    ]  # fmt: skip


@pytest.mark.parametrize(("scale", "text"), [(1.0, "1:1"), (1 / 3, "1:3"), (0.4, "1:2.5")])
def test_a_scale_is_a_ratio(scale, text):
    assert numbers.scale_text(scale) == text
