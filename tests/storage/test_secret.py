"""The secret is made once, stays, and can be given."""

from analysis.storage.secret import project_secret


def test_the_secret_is_made_once(tmp_path, monkeypatch):
    monkeypatch.delenv("CAODIAN_SECRET", raising=False)
    first = project_secret(tmp_path)
    assert len(first) >= 32
    assert project_secret(tmp_path) == first
    assert (tmp_path / ".caodian-secret").stat().st_mode & 0o077 == 0


def test_a_given_secret_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("CAODIAN_SECRET", "given")
    assert project_secret(tmp_path) == b"given"
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_be_written_the_secret_holds_for_the_run(tmp_path, monkeypatch):
    monkeypatch.delenv("CAODIAN_SECRET", raising=False)
    (tmp_path / "file").touch()
    told = []
    first = project_secret(tmp_path / "file", told.append)
    assert len(first) >= 32
    assert first != project_secret(tmp_path / "file", told.append)
    assert ["this run alone" in line for line in told] == [True, True]
