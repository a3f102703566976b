import subprocess
import sys
import warnings

import numpy as np
import pytest

from kerasinpaint import cli, commands


def run_python(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
    )


def pretend(monkeypatch, run):
    """Makes `kerasinpaint methods` do something else."""
    monkeypatch.setattr("kerasinpaint.commands.methods.run", run)


COMMANDS = "fill mask methods train tune evaluate convert export demo".split()


def test_help_lists_the_commands_and_examples(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    for word in COMMANDS:
        assert word in text


@pytest.mark.parametrize(
    "command", [*COMMANDS, "benchmark quality", "benchmark speed"]
)
def test_every_command_has_a_help_with_examples(command, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main([*command.split(), "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert f"examples:\n  kerasinpaint {command.split()[0]}" in text


@pytest.mark.parametrize("arguments", [[], ["paint"], ["fill"], ["benchmark"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error, line",
    [
        (ValueError("It is\n  wrong."), "It is wrong."),
        (FileNotFoundError("There is no file x."), "There is no file x."),
        (PermissionError(13, "Permission denied", "x"), "x: Permission denied"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(
    error, line, monkeypatch, capsys
):
    def fail(arguments):
        raise error

    pretend(monkeypatch, fail)
    assert cli.main(["methods"]) == 1
    assert capsys.readouterr().err == f"kerasinpaint: error: {line}\n"


def test_a_bug_keeps_its_traceback(monkeypatch):
    def fail(arguments):
        raise ZeroDivisionError

    pretend(monkeypatch, fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(["methods"])


def test_an_interruption_exits_with_130(monkeypatch, capsys):
    def stop(arguments):
        raise KeyboardInterrupt

    pretend(monkeypatch, stop)
    assert cli.main(["methods"]) == 130
    assert capsys.readouterr().err == "kerasinpaint: interrupted\n"


def test_a_warning_is_one_line_and_filters_come_back(monkeypatch, capsys):
    def warn(arguments):
        warnings.warn("Nearly all\nis hole.", stacklevel=1)
        return 0

    pretend(monkeypatch, warn)
    before = warnings.showwarning, list(warnings.filters)
    assert cli.main(["methods"]) == 0
    line = "kerasinpaint: warning: Nearly all is hole.\n"
    assert capsys.readouterr().err == line
    assert (warnings.showwarning, warnings.filters) == before


def test_a_reader_that_leaves_causes_no_traceback():
    code = """
import sys
from kerasinpaint import cli
from kerasinpaint.commands import methods
methods.run = lambda arguments: print("x" * 10**6)
sys.exit(cli.main(["methods"]))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert errors == b""


def test_the_help_imports_nothing_slow():
    done = run_python(
        "import sys\n"
        "from kerasinpaint import cli\n"
        "try:\n"
        "    cli.main(['--help'])\n"
        "except SystemExit:\n"
        "    print('modules', *sys.modules)\n"
    )
    assert done.stderr == ""
    loaded = set(done.stdout.split("modules")[1].split())
    assert "kerasinpaint.cli" in loaded
    slow = {"numpy", "cv2", "numba", "PIL", "matplotlib", "keras"}
    assert not loaded & slow


def test_filling_by_fast_marching_imports_no_keras(tmp_path):
    from kerasinpaint import images

    mask = np.ones((16, 16, 1), np.uint8)
    mask[5:8, 5:8] = 0
    images.write_mask(tmp_path / "mask.png", mask)
    images.write_image(tmp_path / "a.png", np.full((16, 16, 3), 0.5))
    done = run_python(
        "import sys\n"
        "from kerasinpaint import cli\n"
        "code = cli.main(sys.argv[1:])\n"
        "print(code, *sys.modules)\n",
        *("fill", tmp_path / "a.png", "--mask", tmp_path / "mask.png"),
        *("--output", tmp_path / "b.png", "--method", "fmm"),
    )
    assert done.stderr == ""
    code, *loaded = done.stdout.splitlines()[1].split()
    assert code == "0" and (tmp_path / "b.png").exists()
    assert "kerasinpaint.fmm" in loaded
    slow = {"keras", "tensorflow", "imgaug", "matplotlib.pyplot", "skimage"}
    assert not slow & set(loaded)


def test_python_m_runs_the_same_command():
    done = subprocess.run(
        [sys.executable, "-m", "kerasinpaint.cli", "fill"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "usage: kerasinpaint fill" in done.stderr


def test_mistakes_do_not_hide_bugs():
    for bug in (TypeError, KeyError, AttributeError, IndexError):
        assert not issubclass(bug, commands.MISTAKES)
