import hashlib

import numpy as np
import pytest

from kerasinpaint import cli
from kerasinpaint.commands.convert_test import script, tiny, zip_file
from kerasinpaint.models import build_lama, downloads, lama

pytestmark = pytest.mark.usefixtures("without_torch")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where files are kept; nothing is there, and no address answers."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "kerasinpaint"


def publish(path, monkeypatch, content=None):
    """As if the file of a tiny LaMa stood at a public address."""
    zip_file(path, script(tiny()[1]))
    sha256 = hashlib.sha256(content or path.read_bytes()).hexdigest()
    published = {"places": ("tiny.pt", path.as_uri(), sha256)}
    monkeypatch.setattr(downloads, "WEIGHTS", published)


def test_weights_are_downloaded_once(home, tmp_path, monkeypatch):
    publish(tmp_path / "a.pt", monkeypatch)
    wanted = lama.from_checkpoint(tmp_path / "a.pt").get_weights()
    for _ in range(2):  # the second time without the address
        found = build_lama(blocks=1, width=2, weights="places")
        for one, same in zip(found.get_weights(), wanted, strict=True):
            np.testing.assert_array_equal(one, same)
        (tmp_path / "a.pt").unlink(missing_ok=True)
    assert [path.name for path in home.iterdir()] == ["tiny.pt"]


def test_offline_it_says_where_to_put_the_file(home, monkeypatch, capsys):
    publish_nowhere = ("tiny.pt", "file:///nowhere/tiny.pt", "0" * 64)
    monkeypatch.setattr(downloads, "WEIGHTS", {"places": publish_nowhere})
    assert cli.main(["convert", "places", "--to", "a.npz"]) == 1
    error = capsys.readouterr().err
    assert f"put it at {home / 'tiny.pt'}" in error
    assert "Fetch it from file:///nowhere/tiny.pt" in error


def test_another_file_is_not_taken(home, tmp_path, monkeypatch):
    publish(tmp_path / "a.pt", monkeypatch, content=b"what was promised")
    with pytest.raises(OSError, match="sha256 file hash does not match"):
        downloads.path_of("places")
    assert not list(home.iterdir())
    (home / "tiny.pt").write_bytes(b"the user's own")
    with pytest.raises(ValueError, match="remove it to download it again"):
        downloads.path_of("places")
    assert (home / "tiny.pt").read_bytes() == b"the user's own"


def test_unknown_weights_are_refused(home):
    with pytest.raises(ValueError, match="one of places. Received: 'celeba'"):
        build_lama(blocks=1, width=2, weights="celeba")


def test_weights_of_another_size_are_refused(home, tmp_path, monkeypatch):
    publish(tmp_path / "a.pt", monkeypatch)
    with pytest.raises(ValueError, match="more missing; .* more superfluous"):
        build_lama(blocks=2, width=2, weights="places")
