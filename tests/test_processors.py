"""The same bytes on other processors, as far as one processor can be made to act as another.

OpenBLAS, NumPy, the C library and Numba each choose code by the processor, and each can be told to
choose as for an older one. Each setting runs in a process of its own.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
AS_IT_IS: dict[str, str] = {}
# What a processor with AVX2 and without AVX-512 takes, and one thread.
HASWELL = {
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENBLAS_NUM_THREADS": "1",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "",
}
# The same code as here, and what libraries choose as on the oldest: kernels need no compiling.
OLD_SUMS = {
    "OPENBLAS_CORETYPE": "Prescott",
    "OPENBLAS_NUM_THREADS": "4",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F",
}
# One of before 2013: neither AVX nor fused multiplication.
OLD = {
    "OPENBLAS_CORETYPE": "Prescott",
    "OPENBLAS_NUM_THREADS": "4",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F",
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
}
pytestmark = pytest.mark.skipif(
    platform.machine() not in {"x86_64", "AMD64"}, reason="names of x86 processors"
)

TRAIN = """
import hashlib, json, tempfile
from pathlib import Path
import numpy as np, polars as pl
from analysis.coding.coder import get_coder
from analysis.simulate import simulate
from analysis.training import coder, sentiment
from analysis.training.texts import project_posts
from analysis.study import load_study

sources = sentiment.shipped_texts()
coder.shipped_texts = lambda: {
    name: texts.gather_every(50) for name, texts in sources.items()
}
posts = pl.concat([
    frame.select("text", "channel", "writer", "voice", "negative", "grievances", "sub_grievances")
    for frame, _ in project_posts().values()
]).gather_every(100)
with tempfile.TemporaryDirectory() as folder:
    coder.train_coder({"some": (posts, 1.0)}, seed=5).save(folder)
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).iterdir()
    }
def digest(content):
    return hashlib.sha256(content).hexdigest()

coded = get_coder("fast").code(posts.select("text", "channel"))
found["codes"] = digest(coded.write_json().encode())
pairs = simulate(load_study("studies/618-2020.yaml"), scale=0.0005, seed=9)
found["simulated"] = digest("".join(part.write_json() for pair in pairs for part in pair).encode())
numbers = np.random.default_rng(1).random(100_000)
found["what NumPy itself takes for exp"] = digest(np.exp(numbers).tobytes())
table = numbers.reshape(200, 500)
found["what BLAS itself takes for a product"] = digest((table @ table.T).tobytes())
print(json.dumps(found))
"""

GROUP = """
import hashlib, json
import polars as pl
from analysis.clusters.topics import TopicClusters
from analysis.reporting.topic_map import lay_out
from analysis.simulate import simulate
from analysis.study import load_study

parts = [posts for posts, _ in simulate(load_study("studies/618-2020.yaml"), scale=0.001, seed=9)]
texts = pl.concat(parts)["text"].unique(maintain_order=True).to_list()[:1_000]
topics = TopicClusters(random_state=618).fit(texts)
places = lay_out(texts, topics.labels_.tolist())
print(json.dumps({
    "topics": [int(topics.labels_.max()) + 1, hashlib.sha256(topics.labels_.tobytes()).hexdigest()],
    "map": hashlib.sha256(places.tobytes()).hexdigest(),
}))
"""


def run(words, setting, folder):
    environment = {
        **os.environ,
        **setting,
        "PYTHONPATH": str(ROOT / "src"),
        "CAODIAN_SECRET": "one",
    }
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def learnt_here():
    return json.loads(run(["-c", TRAIN], AS_IT_IS, ROOT).splitlines()[-1])


@pytest.mark.training
@pytest.mark.parametrize("setting", [HASWELL, OLD], ids=["haswell", "old"])
def test_training_coding_and_simulating_do_not_hang_on_the_processor(setting, learnt_here):
    here, there = learnt_here, json.loads(run(["-c", TRAIN], setting, ROOT).splitlines()[-1])
    differ = {name for name in here if here[name] != there[name]}
    # These show that the setting was heard at all, on a processor that has what it switches off.
    assert differ <= {name for name in here if name.startswith("what ")}


@pytest.mark.proof
@pytest.mark.slow
def test_topics_and_their_map_do_not_hang_on_the_processor():
    here, there = (
        json.loads(run(["-c", GROUP], setting, ROOT)) for setting in (AS_IT_IS, OLD_SUMS)
    )
    assert here == there and here["topics"][0] > 1
