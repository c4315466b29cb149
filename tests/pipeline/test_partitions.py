"""Folders of partitions: the order in which they are worked on."""

from analysis.pipeline.partitions import largest_first, partition_files, partition_path


def test_the_largest_partition_comes_first_and_equals_keep_their_order(tmp_path):
    for number, size in enumerate([2, 5, 2, 9]):
        partition_path(tmp_path, number).write_bytes(b"x" * size)
    files = partition_files(tmp_path)
    assert [files.index(path) for path in largest_first(files)] == [3, 1, 0, 2]
