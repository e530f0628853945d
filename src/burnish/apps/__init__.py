"""What people start: a command line, a studio in the browser, a batch over a catalogue.

    jobs/     work in processes of its own, with progress, limits, cancel, and a queue
    batch/    a manifest of songs, on one machine or many
    studio/   mixes, masters and versions over HTTP, and the page that shows them
    cli/      ``burnish COMMAND``: it starts all of them

Batch and studio stand on jobs and do not know each other.
"""
