"""The constants that docs/method.md decides: the code has the numbers that stand there, no others.

Each row names a constant, its value, and the words of the document that tell it. So whoever changes
one up or down without the other is told, and where the reason stands.
"""

import math
import re
from importlib import import_module

import pytest

DECIDED = [
    # enough to tell
    ("minimum", "FEWEST_ITEMS", 30, "is stated below 30 items, 10 periods"),
    ("minimum", "_FEWEST_PERIODS", 10, "below 30 items, 10 periods (days, weeks or months)"),
    ("minimum", "_FEWEST_FILLED", 10, "10 periods (days, weeks or months) that hold one"),
    ("minimum", "_LEAST_USABLE", 0.8, "or 80 % of the periods usable"),
    ("minimum", "_MOST_PERIODS", 120, "120 months"),
    ("minimum", "SMALLEST_DAY", 10, "a single period that bursts holds ten items of its own"),
    ("minimum", "FEWEST_FOR_FLAT", 4600, "and there are 4,600 items"),
    ("clusters.post_topics", "_FEWEST_TEXTS", 50, "clusters need 50 distinct texts"),
    # trends
    ("measures.trend_rule", "ALPHA", 0.05, "Each family keeps its 5 %"),
    ("measures.trend_rule", "_TWO_SIDED", 0.975, "flat if the 95 % interval"),
    ("measures.trend_rule", "_FLAT_WITHIN", 0.1, "lies inside ±10 % and there are"),
    ("measures.trend_rule", "_MARKED_ABOVE", 0.5, "marked if the lower end exceeds +50 %"),
    ("measures.trend_rule", "_SLIGHT_UP_TO", 0.75, "if the upper end is at most +75 %"),
    ("measures.trend_rule", "_PHI_MARGIN", 0.05, "and the estimate plus .05, plus"),
    ("measures.trend_rule", "_PHI_MARGIN_OF_FEW", 0.3, "plus .30 over the number of series"),
    ("measures.trend_rule", "_LARGEST_PHI_MARGIN", 0.2, "(at most .20 together)"),
    ("measures.trend_rule", "_PHI_MARGIN_SHARE", 0.55, "plus .55 of itself is taken"),
    ("measures.trend_rule", "_ENOUGH_DAYS", 20, "(20/n times as much where there are n < 20 days)"),
    ("measures.trend_rule", "PHI_RANGE[0]", 0.2, "Never below .2 for one or two series"),
    ("measures.trend_rule", "_FEW_SERIES", 3, "Never below .2 for one or two series"),
    ("measures.trend_rule", "_LARGEST_PHI", 0.92, "never above .92"),
    ("measures.trend", "_SPENT", 4, "n − 4 degrees of freedom (line, event days, mean of the"),
    ("measures.trend_tests", "_COUNT_FOLLOWS", 0.5, "and at least half as far on the log scale"),
    ("measures.trend_tests", "_DIFFERS", 2.5, "variance of their t-values above 2.5"),
    ("measures.trend_tests", "_FEWEST_TO_DIFFER", 5, "where at least five series differ in it"),
    ("measures.trend_tests", "_BUILD_UP_DAYS", (2, 4, 6, 8, 10, 12), "(2 to 12 days, the length"),
    ("measures.daily_series", "_FEWEST_OTHERS", 3, "the other series (three of them at least)"),
    ("measures.specification", "_THRESHOLDS", (0.35, 0.5, 0.65), "0.35, 0.5, 0.65 and the study"),
    # drift of the coder
    ("audit.drift", "_COMMON", 0.5, "common drift normal with standard deviation .5"),
    ("audit.drift", "_HETEROGENEITY", 0.25, "spread half-normal with scale .25"),
    ("audit.drift", "_LEAST_SPREAD", 0.05, "and never below .05, since ten codes"),
    ("audit.drift", "_HALF_EVENT", 0.5, "leans on its share over both by half a true post"),
    # long windows
    ("study.periods", "LONGEST_BY_DAY", 60, "up to 60 days by day"),
    ("study.periods", "_LONGEST_BY_WEEK", 548, "up to 548 (a year and a half) by calendar week"),
    ("measures.coverage", "_SHORTEST_SILENCE", 3, "a silence of three or more periods"),
    ("measures.coverage", "_APART_SHARE", 0.01, "hardly any day with posts (1 %) lies there"),
    ("measures.coverage", "_FIT_SHARE", 0.8, "unfit when more than a fifth of its days are"),
    ("measures.coverage", "_NEAR", 28, "in the four weeks beside it"),
    ("measures.coverage", "_LOW_DEVIATIONS", {"short": 2, "long": 4},
     "the days around and from four standard deviations on"),
    ("measures.coverage_hours", "CHANCE", 0.01, "have a probability below 1 % over all days"),
    ("measures.coverage_hours", "_MOST_CELLS", 1_000_000, "at most a million cells of search word"),
    # breaks and peaks
    ("measures.breaks", "DRAWS", 1999, "the largest of 1,999 AR(1)"),
    ("measures.breaks", "_SHORTEST_LEVEL", 3, "every step with three days on either side"),
    ("measures.breaks", "_PEAK_ALPHA", 0.025, "the lower end takes 2.5 % over the number of days"),
    ("measures.conspicuous_days", "_FEWEST_TEXTS", 3, "(in three distinct texts at least)"),
    # claims
    ("measures.verdicts", "_NEAR", 0.1, "within 10 % of the published number"),
    ("measures.verdicts", "_EXACT", 0.01, "the total of all posts within 1 %"),
    ("measures.verdicts", "_LEAST_HEIGHT", 0.1, "A high day is a tenth above the others"),
    ("measures.verdicts", "_FEWEST_OTHERS", 5, "fewer than five days that are not named"),
    ("measures.verdicts", "_MOST", 0.5, "together more than half of the code"),
    ("measures.trend_rule", "_LARGEST_CHANGE", math.log(2), "a change between half and double"),
    ("measures.quantities", "WIDEST_PRINTED", 0.6, "at most 60 % of the estimate"),
    ("measures.quantities", "FEWEST_CARRIERS", 5, "where at least 5 audited posts carry the code"),
    ("measures.quantities", "_WIDEST_RATIO", 1.5, "upper end is at most 1.5 times the lower"),
    ("measures.quantities", "_RANGE", 10.0, "A number over a tenfold range"),
    ("measures.quantities", "_COUNT_ERROR", 0.1, "must lie within 10 % of what was planted"),
    ("audit.sampling", "_LEAST_AUDITED", 60, "fewer than 60 audited posts has no estimate"),
    # the audit
    ("audit.sampling", "_FEWEST_AGAINST", 8, "under eight posts make no stratum"),
    ("audit.sampling", "LEAST_VARIANCE", 0.0003, "it is .0003 now, and 254 go there"),
    ("audit.sheet_reading", "_SURELY_SOME", 10, "ten posts have a code that has some, one"),
    ("audit.sheet_reading", "_SURELY_SOME", 10, "with the codes where ten posts are negative"),
    ("audit.agreement", "_LEAST_ALPHA", 0.667, "α of the negative items is below 0.667"),
    ("audit.recoding", "_OWN_FINDS", 2, "from two on it speaks for itself"),
    ("audit.second_wave", "_PRIOR_POSTS", 5.0, "on its mean score with the worth of five posts"),
    ("audit.second_wave", "_LEAST_PART", 3, "a third of the plan at least"),
    ("audit.leaning", "FEW", 5, "Below five audited posts the coder's posts are taken for right"),
    ("audit.leaning", "COUNTED_POSTS", 4, "in which four right posts stand for the coder's own"),
    ("audit.leaning", "_ENOUGH", 20, "and n below 20, the estimate of the true posts"),
    ("audit.leaning", "_UNLIKE", 0.7, "being taken to differ by seven tenths of what they share"),
    ("audit.leaning", "_CODE_POSTS", 2, "that of the code itself, worth two audited posts"),
    ("audit.leaning", "_COUNT_POSTS", 6, "the coder's own count, worth six)"),
    ("audit.correction", "_AT_ISSUE", 0.2, "gives a code, or nearly (a score of .2)"),
    ("audit.correction", "_UNSEEN", 0.75, "with three quarters of such a post more"),
    ("audit.correction", "_LEAST_PART", 0.35, "keeps a third of the variance"),
    ("pipeline.table_step", "_AUDIT_SIZE", 1000, "a slip on 5 % of the posts, 1,000 posts"),
    ("pipeline.table_step", "_CODER_ERROR", 0.05, "each with a slip on 5 % of the posts"),
    ("audit.sheet_reading", "_SURELY_TICKS", 4, "A form with four ticks or more"),
    ("audit.sheet_reading", "_SURELY_IN_ORDER", 10, "that is refused from ten on"),
    ("audit.correction", "_TAIL", 0.025, "so both ends leave 2.5 % again"),
    ("audit.recoding", "_SHAPE", 0.5, "wide factor of its own (Gamma, shape ½)"),
    ("measures.trend", "_POWER", 0.8, "z of 80 % power"),
    # emerging grievances
    ("clusters.emerging", "LEAST_PROBABILITY", 0.2, "is looked at (probability ≥ 0.2)"),
    ("clusters.emerging", "_LARGEST_GROUP", 60, "groups of the 6 to 60 texts nearest"),
    ("clusters.emerging", "_CORES", (5, 8, 12),
     "the mean of the five nearest, moved to that of the eight and the twelve nearest"),
    ("clusters.emerging", "_FEWEST_OF_TERM", 3, "terms of three texts at least"),
    ("clusters.emerging", "_COMMON", 0.05, "none that more than 5 % of the texts hold"),
    ("clusters.emerging", "_APART", 0.04, "the 4 % of each size that stand most apart"),
    ("clusters.emerging", "FEWEST_PERIODS", 7, "seven periods, so that a weekend is no rise"),
    ("clusters.emerging", "_MOST_SEEDS", 5000, "from up to 5,000 texts drawn by a hash"),
    ("clusters.emerging", "_MOST_FAMILIES", 100_000, "more than 100,000 families so many"),
    ("clusters.emerging", "_SHUFFLES", 199, "shuffled over the families 199 times"),
    ("clusters.emerging", "_ERROR", 0.05, "reaches in 5 of 100 of these"),
    ("clusters.emerging", "_KNOWN", 0.75, "where three quarters of the families carry it"),
    ("clusters.emerging", "_MOSTLY", 0.5, "where half of the families speak so"),
    ("clusters.emerging", "_POSTS_OF_CAMPAIGN", 2.0,
     "campaign where each author wrote two or more"),
    ("clusters.onset", "_FEWEST_BEFORE", 3, "at least three periods before it"),
    ("clusters.onset", "FEWEST_RISEN", 6, "six families from it on"),
    ("clusters.onset", "_LEAST_STEP", 3.0, "a share three times as high"),
    ("clusters.consensus", "_SPACES", 10, "the mean of those of ten bags"),
    ("clusters.consensus", "_SHARE_OF_SPACE", 0.6, "three fifths of the texts each"),
    ("clusters.words", "_FEWEST_TEXTS", 3, "three at least instead of five"),
    ("clusters.words", "_FEWEST_TEXTS_FOUND", 5, "that only the texts show still in five"),
    ("clusters.drafts", "_LEAST_NEGATIVE", 0.5, "less than half of the texts are negative items"),
    ("clusters.drafts", "_APART", 20, "pairs of them within 20 characters"),
    ("clusters.drafts", "_PURE", 0.6, "six texts in ten that hold one are of the topic"),
    ("clusters.drafts", "_RISEN", 4.0, "a share that rose fourfold"),
    ("clusters.consensus", "_BAGS", 40, "forty bags drawn by a hash of the text"),
    ("clusters.consensus", "_MOST_BAGS", 0.6, "a group that six bags in ten hold is a topic"),
    ("clusters.levels", "_MOST_LEARNT", 12_000, "At most 12,000 texts teach"),
    ("clusters.levels", "_PART_OF_TOPIC", 0.25, "in a quarter of its texts"),
    ("minimum", "LEAST_CONFIDENCE", 0.7, "below seven tenths it is *mixed*"),
    # reading, near-duplicates, stars
    ("corpus.readers.containers.grid", "SAMPLE_ROWS", 300, "name no day in the first 300 rows"),
    ("corpus.readers.convert", "_FEWEST_TEXTS", 30, "from thirty texts on"),
    ("corpus.readers.convert", "_FIRST", 12, "within their first twelve characters"),
    ("corpus.readers.containers.confined", "MOST_BYTES", 1_500_000_000,
     "1.5 GB of its own memory"),
    ("corpus.readers.containers.confined", "_FREE_SECONDS", 60.0, "60 s and 60 s a GB of the file"),
    ("corpus.readers.containers.confined", "_SECONDS_A_GB", 60.0, "60 s and 60 s a GB of the file"),
    ("corpus.readers.containers.confined", "_KEPT_BYTES", 150_000_000,
     "unless they hold more than 150 MB"),
    ("study.periods", "_STRAY_DAYS", 180, "lie half a year, and twice the length"),
    ("study.periods", "_STRAY_SPANS", 2, "lie half a year, and twice the length"),
    ("study.periods", "_FEWEST_TOLD", 20, "one in a hundred at most, of twenty at least"),
    ("study.periods", "_MOST_STRAYS", 0.01, "one in a hundred at most, of twenty at least"),
    ("storage.encoding", "_MOST_DAMAGED", 0.05, "up to a twentieth of the lines is read"),
    ("coding.scoring", "NEGATIVE", (2, 1.5, 1, 0, -2.75),
     "one to five stars add 2, 1.5, 1, 0 and -2.75"),
    ("coding.scoring", "_CONSUMER", (4, 4, 2, 0, 0), "those of a consumer's voice 4, 4, 2, 0, 0"),
    ("coding.scoring", "_TERSE", 24, "In a text of up to 24 characters that neither asks nor"),
    ("coding.scoring", "_TERSE_ADDS", 4.0, "4 is added to its log-odds (2 among reviews"),
    ("coding.scoring", "_TERSE_REVIEW_ADDS", 2.0, "4 is added to its log-odds (2 among reviews"),
    ("coding.scoring", "_NAMED_ADDS", 5.0, "add 5 whatever the sentiment says"),
    ("coding.scoring", "_NOT_YET", -2.0, "and 2 more where customers write or the place is not"),
    ("coding.scoring", "_HEAD", 100, "unless its first hundred characters"),
    ("coding.scoring", "_CUSTOMER", 2.0, "2 is added to the consumer's voice there"),
    ("coding.scoring", "_FEELING", {"review": 0.4}, "Four tenths of its log-odds are added where"),
    ("training.coder", "_LEAST_CASES", 10, "is left alone below ten cases on either side"),
    ("training.coder", "_REFIT_TURNS", 5, "folds are drawn five times"),
    ("coding.scoring", "_SCALES", (5, 10, 100), "tells its scale: 5, 10 or 100"),
    ("coding.scoring", "_MANY", 30, "thirty or more ratings that are all equal"),
    ("reporting.sections.answers", "_PRAISED", 0.1,
     "more than a tenth of the negative items carry"),
    # lists, pages, builds
    ("measures.watchlist", "_FEWEST_ITEMS", 30, "30 items from 30 authors on 5 days"),
    ("measures.watchlist", "_FEWEST_AUTHORS", 30, "30 items from 30 authors on 5 days"),
    ("measures.watchlist", "_FEWEST_DAYS", 5, "30 items from 30 authors on 5 days"),
    ("measures.watchlist", "_BLOCKS", 4, "added up in four blocks, since affairs last"),
    ("measures.watchlist", "_MEMORY", 2.0, "doubled for what hangs together beyond a block"),
    ("measures.watchlist", "_BLACK_ABOVE", 1.25, "of the platforms above 1.25 times the median"),
    ("numbers", "_MULTIPLE_FROM", 10, "a change from tenfold on as a multiple"),
    ("reporting.disclosure", "_STRICT", {"coverage_hours": 5}, "withholds cells below five"),
    ("reporting.remaking", "_MOST_SIMULATED", 200_000, "simulated again, up to 200,000 posts"),
    ("reporting.drawer", "_MOST_EXAMPLES", 20, "the first twenty by the digest of the ledger"),
    ("reporting.panel", "_MOST_CHARACTERS", 160_000, "would take more than 160,000 characters"),
    ("reporting.panel", "_MOST_PLATFORMS", 8, "all but the 8 largest platforms as one"),
    ("reporting.panel", "_BANDS[1]", (0.7, "0.7-0.9"),
     "Bands: 0.5, 0.7 and 0.9, each with its lower"),
    ("reporting.sections.first_page", "_LONGEST", {"zh": 120, "en": 80},
     "120 characters in Chinese, 80 words in"),
    ("reporting.explore", "_COMPARED", 3000,
     "distinct texts of each, at most 3,000 drawn by a hash"),
    ("reporting.topic_map", "_MOST_TEXTS", 20_000, "at most 20,000 of them drawn by a hash"),
]  # fmt: skip


@pytest.fixture(scope="module")
def method(root):
    """The document and its chapters in one line, without line breaks within sentences."""
    chapters = [root / "docs" / "method.md", *sorted((root / "docs" / "method").glob("*.md"))]
    return re.sub(r"\s+", " ", " ".join(path.read_text(encoding="utf-8") for path in chapters))


@pytest.mark.parametrize(
    ("module", "name", "number", "told"), DECIDED, ids=[f"{m}.{n}" for m, n, *_ in DECIDED]
)
def test_the_code_has_the_number_that_the_method_tells(module, name, number, told, method):
    constant, _, place = name.rstrip("]").partition("[")
    value = getattr(import_module(f"analysis.{module}"), constant)
    value = value[int(place)] if place else value
    assert value == (pytest.approx(number) if isinstance(number, float) else number)
    assert told in method
