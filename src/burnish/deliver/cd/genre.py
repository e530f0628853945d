"""Genres as CD-Text counts them: 28 numbers, and a word of one's own beside them.

Source: the table of libburn's description of CD-Text.
"""

import re

_NAMES = (
    "", "", "adult contemporary", "alternative rock", "childrens", "classical",
    "contemporary christian", "country", "dance", "easy listening", "erotic", "folk", "gospel",
    "hip hop", "jazz", "latin", "musical", "new age", "opera", "operetta", "pop", "rap", "reggae",
    "rock", "rhythm and blues", "sound effects", "spoken word", "world music",
)  # fmt: skip
_ALSO = {
    "alternative": 3, "indie rock": 3, "children": 4, "childrens music": 4, "kids": 4,
    "christian": 6, "country music": 7, "edm": 8, "electronic dance": 8, "house": 8, "techno": 8,
    "trance": 8, "club": 8, "folk music": 11, "hiphop": 13, "soundtrack musical": 16,
    "musicals": 16, "pop music": 20, "hip hop rap": 13, "rock music": 23, "hard rock": 23,
    "r&b": 24, "rnb": 24, "r and b": 24, "rhythm & blues": 24, "spoken": 26, "audiobook": 26,
    "speech": 26, "world": 27,
}  # fmt: skip
NONE_OF_THEM = 0


def genre_code(genre: str) -> int | None:
    """The number of a genre; 0 where the table has none for it, None where there is no genre.

    >>> genre_code("Hip-Hop/Rap"), genre_code("Rock"), genre_code("Dub techno"), genre_code("")
    (13, 23, 0, None)
    """
    if not genre.strip():
        return None
    plain = " ".join(
        re.sub(r"[^\w&]+", " ", genre.replace("'", "").replace("’", "").lower()).split()
    )
    if plain in _NAMES:
        return _NAMES.index(plain)
    return _ALSO.get(plain, NONE_OF_THEM)
