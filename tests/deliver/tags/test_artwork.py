"""Covers: what shops take, what they turn down, and the copy that is embedded."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from burnish.deliver.artwork import checked, embedded
from burnish.errors import InputError


def picture(mode="RGB", size=(3000, 3000)):
    return Image.linear_gradient("L").resize(size).convert(mode)


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("art") / "cover.jpg"
    picture().save(path, quality=80)
    return path


def codes(path):
    return {finding.code: finding.severity for finding in checked(path).findings}


def test_a_good_cover_has_nothing_to_be_said_of(good):
    artwork = checked(good)
    assert artwork.findings == ()
    assert (artwork.kind, artwork.width_px, artwork.height_px, artwork.mode) == (
        "jpeg", 3000, 3000, "RGB",
    )  # fmt: skip
    assert artwork.n_bytes == good.stat().st_size


@pytest.mark.parametrize(
    ("name", "mode", "size", "expected"),
    [
        ("a.jpg", "CMYK", (3000, 3000), {"artwork-colours": "fail"}),
        ("a.png", "RGBA", (3000, 3000), {"artwork-transparent": "fail"}),
        ("a.png", "P", (3000, 3000), {"artwork-colours": "fail"}),
        ("a.jpg", "L", (3000, 3000), {"artwork-grey": "warn"}),
        ("a.jpg", "RGB", (3000, 2999), {"artwork-not-square": "fail", "artwork-small": "warn"}),
        ("a.jpg", "RGB", (1399, 1399), {"artwork-small": "fail"}),
        ("a.jpg", "RGB", (1400, 1400), {"artwork-small": "warn"}),
        ("a.png", "RGB", (3000, 3000), {}),
    ],
)
def test_what_shops_turn_down(tmp_path, name, mode, size, expected):
    path = tmp_path / name
    picture(mode, size).save(path, compress_level=1)
    assert codes(path) == expected
    copy = embedded(checked(path))
    with Image.open(BytesIO(copy.data)) as small:
        assert (small.format, small.mode) == ("JPEG", "RGB")
        assert small.size == (copy.width_px, copy.height_px)
        assert max(small.size) == min(1400, max(size))


def test_a_heavy_file_and_a_turned_one(tmp_path):
    picture(size=(2000, 2000)).save(tmp_path / "n.png", compress_level=0)
    assert codes(tmp_path / "n.png") == {"artwork-heavy": "warn", "artwork-small": "warn"}
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(size=(3000, 2000)).save(tmp_path / "t.jpg", exif=exif)
    assert codes(tmp_path / "t.jpg")["artwork-turned"] == "warn"
    copy = embedded(checked(tmp_path / "t.jpg"))
    assert (copy.width_px, copy.height_px) == (933, 1400)
    with Image.open(BytesIO(copy.data)) as small:
        assert not small.getexif()


def test_transparency_lies_on_white_and_profiles_are_followed(tmp_path):
    clear = Image.new("RGBA", (1500, 1500), (0, 0, 0, 0))
    clear.save(tmp_path / "c.png")
    with Image.open(BytesIO(embedded(checked(tmp_path / "c.png")).data)) as small:
        assert small.getpixel((9, 9)) == (255, 255, 255)
    red = Image.new("RGB", (1500, 1500), (200, 30, 40))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red.save(tmp_path / "r.png", icc_profile=srgb)
    with Image.open(BytesIO(embedded(checked(tmp_path / "r.png")).data)) as small:
        assert np.abs(np.subtract(small.getpixel((9, 9)), (200, 30, 40))).max() <= 2
        assert "icc_profile" not in small.info


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.pdf", b"%PDF-1.7 ...", "is a PDF; the cover must be a JPEG or PNG"),
        ("c.gif", b"GIF89a\1\0\1\0", "is a GIF"),
        ("c.txt", b"a cover", "is no picture that is known"),
        ("c.webp", b"RIFF\0\0\0\0WEBPVP8 ", "is a WebP"),
        ("c.svg", b"<svg xmlns=''/>", "is an SVG"),
        ("c.png", b"", "is empty"),
        ("c.jpg", b"\xff\xd8\xff\xe0nothing", "is"),
    ],
)
def test_another_kind_is_one_sentence(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        checked(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_a_picture_that_broke_off(tmp_path, kind):
    whole = tmp_path / f"w.{kind}"
    noise = np.random.default_rng(0).integers(0, 255, (500, 500, 3), dtype=np.uint8)
    Image.fromarray(noise).save(whole)
    for share in (0.3, 0.6, 0.99):
        part = tmp_path / f"p.{kind}"
        part.write_bytes(whole.read_bytes()[: int(share * whole.stat().st_size)])
        with pytest.raises(InputError, match="broken off or damaged"):
            checked(part)


def test_missing_and_a_folder(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        checked(tmp_path / "none.png")
    with pytest.raises(InputError, match="is a folder"):
        checked(tmp_path)


@pytest.mark.parametrize("side", [10_001, 30_000])
def test_a_bomb_is_never_unpacked(tmp_path, side):
    import struct
    import zlib

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    path = tmp_path / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    with pytest.raises(InputError, match="at most 10000"):
        checked(path)


def test_a_cover_of_pure_noise_is_embedded(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (1500, 1500, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    assert embedded(checked(tmp_path / "noise.png")).width_px == 1400
