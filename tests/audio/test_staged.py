"""Nothing half-written: whatever goes wrong, there is the whole file or none, and no rubbish."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from users import as_a_plain_user, open_folder

from burnish.audio import OutputFormat, Writer, check_output, read, staged
from burnish.errors import OutputError

WAV, FLAC, AIFF = (OutputFormat(format=kind, bits="16") for kind in ("wav", "flac", "aiff"))
each_kind = pytest.mark.parametrize("form", [WAV, FLAC, AIFF], ids=lambda form: form.format)


def write(path, form=WAV, n=1000, seed=0, **more):
    with Writer(path, form, 44_100, 2, n, **more) as writer:
        writer.write(0.1 * np.random.default_rng(seed).standard_normal((2, n)))
    return path


@contextmanager
def refusal(code, sentence):
    with pytest.raises(OutputError, match=sentence) as caught:
        yield
    assert caught.value.code == code
    assert caught.value.exit_code == 5


@pytest.fixture(params=["nameless", "named", "cannot link", "no hard links"])
def way(request, monkeypatch):
    """Every way that a file may come to its name, as different systems allow."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE")
    if request.param == "cannot link":  # no /proc

        def forbidden(source, *args, real_link=os.link, **more):
            if str(source).startswith("/proc"):
                raise OSError(errno.ENOENT, "no /proc")
            real_link(source, *args, **more)

        monkeypatch.setattr(os, "link", forbidden)
    if request.param == "no hard links":  # exFAT
        monkeypatch.delattr(os, "O_TMPFILE")

        def unsupported(*args, **more):
            raise OSError(errno.EPERM, "not permitted")

        monkeypatch.setattr(os, "link", unsupported)
    return request.param


@each_kind
def test_the_file_appears_at_the_end_and_alone(tmp_path, way, form):
    path = tmp_path / "out"
    with Writer(path, form, 44_100, 2, 1000) as writer:
        writer.write(np.full((2, 1000), 0.1))
        assert not path.exists()
        if way in ("nameless", "cannot link"):
            assert not list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == [path]
    assert read(path).n_samples == 1000


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
@each_kind
def test_an_error_leaves_nothing(tmp_path, way, form, error):
    def broken_off():
        with Writer(tmp_path / "out", form, 44_100, 2, 1000) as writer:
            writer.write(np.full((2, 500), 0.1))
            raise error

    with pytest.raises(error):
        broken_off()
    assert not list(tmp_path.iterdir())


def test_too_many_or_too_few_samples_leave_nothing(tmp_path, way):
    with (
        pytest.raises(ValueError, match="999 samples written of 1000 announced"),
        Writer(tmp_path / "out", WAV, 44_100, 2, 1000) as writer,
    ):
        writer.write(np.zeros((2, 999)))
    with (
        pytest.raises(ValueError, match="1001 samples written of 1000 announced"),
        Writer(tmp_path / "out", WAV, 44_100, 2, 1000) as writer,
    ):
        writer.write(np.zeros((2, 1001)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_not_written(tmp_path, bad):
    samples = np.zeros((2, 1000))
    samples[1, 500] = bad
    with (
        pytest.raises(ValueError, match="must be finite"),
        Writer(tmp_path / "out", WAV, 44_100, 2, 1000) as writer,
    ):
        writer.write(samples)
    assert not list(tmp_path.iterdir())


def test_another_shape_is_refused(tmp_path):
    for shape in ((1, 10), (10, 2), (10,)):
        with (
            pytest.raises(ValueError, match=r"must be \(2, n\)"),
            Writer(tmp_path / "out", WAV, 44_100, 2, 10) as writer,
        ):
            writer.write(np.zeros(shape))


def test_what_exists_is_kept_unless_allowed(tmp_path, way):
    path = tmp_path / "out.wav"
    path.write_text("precious")
    with refusal("output-exists", r"out\.wav: exists already; give another name, or allow"):
        write(path)
    with refusal("output-exists", "exists already"):
        check_output(path)
    assert path.read_text() == "precious"
    write(path, overwrite=True)
    assert list(tmp_path.iterdir()) == [path]
    assert read(path).n_samples == 1000


def test_what_came_meanwhile_is_kept(tmp_path, way):
    path = tmp_path / "out.wav"
    with (
        refusal("output-exists", "exists already"),
        Writer(path, WAV, 44_100, 2, 10) as writer,
    ):
        writer.write(np.zeros((2, 10)))
        path.write_text("precious")
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_overwrite_keeps_the_old_file(tmp_path, way):
    path = write(tmp_path / "out.wav")
    before = path.read_bytes()
    with pytest.raises(RuntimeError), Writer(path, WAV, 44_100, 2, 10, overwrite=True):
        raise RuntimeError
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path, way):
    (tmp_path / "real").mkdir()
    link = tmp_path / "out.wav"
    link.symlink_to(tmp_path / "real" / "master.wav")
    write(link)
    assert link.is_symlink()
    write(link, overwrite=True, seed=1)
    assert link.is_symlink()
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["master.wav", "out.wav", "real"]


def test_places_where_no_file_can_be(tmp_path):
    with refusal("output-folder-missing", r"none/out\.wav: there is no folder .*none"):
        write(tmp_path / "none" / "out.wav")
    (tmp_path / "file").touch()
    with refusal("output-folder-missing", "there is no folder"):
        write(tmp_path / "file" / "out.wav")
    with refusal("output-exists", "is a folder; name a file"):
        write(tmp_path, overwrite=True)
    with refusal("output-exists", "is a device, not a file"):
        write("/dev/null", overwrite=True)
    with refusal("output-name", "there can be no file of that name: too long"):
        write(tmp_path / ("x" * 256))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_name_as_long_as_names_may_be(tmp_path, way):
    write(tmp_path / ("x" * 251 + ".wav"))
    write(tmp_path / ("é" * 125 + ".wav"))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_name_alone_means_this_folder(tmp_path, monkeypatch, way):
    monkeypatch.chdir(tmp_path)
    write("ünï ço∂é.wav")
    assert [p.name for p in tmp_path.iterdir()] == ["ünï ço∂é.wav"]


def test_no_permission():
    with open_folder() as folder:
        for use in (write, check_output):
            with as_a_plain_user(), refusal("output-permission", "may not be written by this"):
                use(folder / "out.wav")
        assert not list(folder.iterdir())


@each_kind
def test_no_room_is_known_before_the_work_begins(tmp_path, monkeypatch, form):
    usage = shutil.disk_usage(tmp_path)._replace(free=3000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    if form is FLAC:  # how small it packs is not known, so it is tried
        write(tmp_path / "out", form)
        return
    with refusal("output-no-room", r"out: no room: needs 40\d\d bytes, 3000 are free"):
        write(tmp_path / "out", form)
    assert not list(tmp_path.iterdir())


@each_kind
@pytest.mark.parametrize("n", [3000, 300_000])
def test_no_room_while_writing(tmp_path, form, n):
    """The disk fills up: a limit on file size stands in for it, and the kernel refuses alike.

    With the short file only the last write, when the file is closed, finds out.
    """
    code = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[4]); import test_staged as t\n"
        "from burnish.errors import OutputError\n"
        "t.write(sys.argv[1] + '/first', t.WAV, 10)\n"  # kernels are compiled and cached
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "form = {'wav': t.WAV, 'flac': t.FLAC, 'aiff': t.AIFF}[sys.argv[2]]\n"
        "try: t.write(sys.argv[1] + '/out', form, int(sys.argv[3]))\n"
        "except OutputError as error: print(error.code, error)\n"
    )
    here = os.path.dirname(__file__)
    path = f"{here}{os.pathsep}{os.path.dirname(here)}"
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), form.format, str(n), here],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert told.stdout.startswith(f"output-no-room {tmp_path}/out: no room: needs "), told.stderr
    assert not told.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["first"]


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of 64 KiB; where mounting is not allowed, the limit on file size must do."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a disk of 64 KiB cannot be mounted here; test_no_room_while_writing stands")
    yield disk
    subprocess.run(["umount", disk], check=True)


@each_kind
def test_a_full_disk(small_disk, form, way, monkeypatch):
    real_usage = shutil.disk_usage
    for early in (True, False):
        if not early:  # another program takes the room after we looked
            monkeypatch.setattr(shutil, "disk_usage", lambda f: real_usage(f)._replace(free=10**9))
        with refusal("output-no-room", "out: no room: needs"):
            write(small_disk / "out", form, 100_000)
        assert not list(small_disk.iterdir())
    assert real_usage(small_disk).used == 0
    write(small_disk / "out", form, 3000)  # and what fits still goes


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux has files without names")
def test_killed_half_way_nothing_is_left(tmp_path):
    code = (
        "import os, signal, sys; import numpy as np\n"
        "from burnish.audio import OutputFormat, Writer\n"
        "with Writer(sys.argv[1], OutputFormat(bits='32f'), 44100, 2, 10**6) as writer:\n"
        "    writer.write(np.zeros((2, 500_000)))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out.wav")], check=False)
    assert told.returncode == -signal.SIGKILL
    assert not list(tmp_path.iterdir())


def test_a_fault_when_the_file_is_named_leaves_nothing(tmp_path, way, monkeypatch):
    def broken(self, *args):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(staged.Staged, "_name_part", broken)
    (tmp_path / "out").write_text("old")
    with refusal("output-failed", "out: cannot be written: input/output error"):
        write(tmp_path / "out", overwrite=True)
    assert (tmp_path / "out").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1
