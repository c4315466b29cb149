"""What shipped weights may differ by where another processor learns them anew."""

import numpy as np
import pytest


@pytest.fixture
def assert_rebuilt():
    """Hold weights to the shipped ones: a unit of the last digit kept, in next to none of them."""

    def compare(made, shipped, pattern):
        names = {path.name for path in shipped.glob(pattern)}
        assert names and {path.name for path in made.glob(pattern)} == names
        for name in names:
            if not name.endswith(".npz"):
                assert (made / name).read_bytes() == (shipped / name).read_bytes()
                continue
            ours, theirs = np.load(made / name), np.load(shipped / name)
            assert ours.files == theirs.files
            for part in ours.files:
                if ours[part].dtype == np.int8:
                    apart = np.abs(ours[part].astype(int) - theirs[part])
                    assert apart.max() <= 1 and apart.mean() < 1e-4, (name, part)
                elif ours[part].dtype.kind == "f":
                    assert np.allclose(ours[part], theirs[part], rtol=2e-3, atol=2e-3), (name, part)
                else:
                    assert np.array_equal(ours[part], theirs[part]), (name, part)

    return compare
