"""A suggested order of an album, for a terminal."""

from rich.console import Console

from burnish.engineer.album_order import Suggestion
from burnish.release import Release


def print_suggestion(console: Console, release: Release, suggestion: Suggestion) -> None:
    """The songs in order, a sentence between each two, and how it compares with today's order."""
    title = release.title or "The album"
    by = f", {release.artist}" if release.artist else ""
    console.print(f"{title}{by}: an order, as a suggestion", soft_wrap=True)
    tracks = suggestion.release.tracks
    for i, (today, track) in enumerate(zip(suggestion.order, tracks, strict=True)):
        if i:
            console.print(f"        {suggestion.joins[i - 1].sentence}", soft_wrap=True)
        was = "" if today == i + 1 else f"  (today {today})"
        energy = (
            f"energy {suggestion.energy[i]:.1f}, its place asks {suggestion.wanted_energy[i]:.1f}"
        )
        console.print(f"{i + 1:4}  {track.full_title or track.file}{was}  {energy}", soft_wrap=True)
    console.print("")
    if suggestion.is_today_s:
        told = f"It is today's order: {suggestion.cost_today:.2f}"
    else:
        told = f"It comes to {suggestion.cost:.2f}, today's order to {suggestion.cost_today:.2f}"
    console.print(f"{told}; 0 is smooth in every join, with strong and calm songs in their places.")
    for note in suggestion.notes:
        console.print(note, soft_wrap=True)
