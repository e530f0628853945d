"""The host: the process that one plug-in runs in. Started by its path, it imports nothing of ours.

pedalboard, which loads plug-ins, is GPL-3.0: it is imported here and nowhere else. What comes in
on standard input and goes out on standard output are frames: a letter, the length as four bytes,
and as much of JSON ("J"), of float32 samples ("A", channel after channel), or of a fault ("E", as
JSON). Every frame in is answered by one out. When nobody holds the other end, the process ends.
"""

import base64
import json
import os
import queue
import signal
import struct
import threading
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

HEAD = struct.Struct("<cI")
BUILT_IN = "pedalboard:"
LOAD_S = 10.0
"""How long a plug-in that loads something in the background is waited for."""
SETTLED_S = 0.25
"""Of silence, in which parameters that glide reach their values. Then it is reset."""
_GRID = 1000
_NOT_ALONE = {
    "Plugin", "ExternalPlugin", "VST3Plugin", "AudioUnitPlugin", "PluginContainer", "Pedalboard",
    "Chain", "Mix", "Convolution", "IIRFilter",
}  # fmt: skip
"""What pedalboard has under a processor's name that is none, holds others, or reads files."""


class Fault(Exception):
    """What is to be said to who asked: a code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


class Ends(Exception):
    """Nothing more comes."""


class Line:
    """The two ends of the line to who started us."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._in, self._out = incoming, outgoing
        self._waiting: queue.SimpleQueue[tuple[bytes, bytes]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Take what comes in, in a thread; end the process at the end of it, busy or hung."""

        def work() -> None:
            with suppress(Ends, OSError):
                while True:
                    kind, length = HEAD.unpack(self._exactly(HEAD.size))
                    self._waiting.put((kind, self._exactly(length)))
            os._exit(0)

        threading.Thread(target=work, daemon=True).start()

    def take(self) -> tuple[bytes, bytes]:
        """The next frame."""
        return self._waiting.get()

    def put(self, kind: bytes, payload: bytes) -> None:
        """Answer."""
        self._out.write(HEAD.pack(kind, len(payload)) + payload)
        self._out.flush()

    def _exactly(self, length: int) -> bytes:
        parts, missing = [], length
        while missing:
            part = self._in.read(missing)
            if not part:
                raise Ends
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


Samples = NDArray[np.float32]


class Opened:
    """A plug-in at work: one instance, or one a channel where it has only one channel."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._asked = asked
        self.rate_hz = int(asked["rate_hz"])
        self.channels, self.block = int(asked["channels"]), int(asked["block"])
        self._both = False
        self._plugins = [make(asked)]
        self._settle()

    def _settle(self) -> None:
        """Find how many channels it takes, by silence; let it come to rest, and reset it."""
        try:
            self._rest(self._plugins[0], self.channels)
        except ValueError:
            if self.channels == 2:
                self._plugins.append(make(self._asked))
                for one in self._plugins:
                    self._rest(one, 1)
            else:
                self._both = True
                self._rest(self._plugins[0], 2)

    def _rest(self, plugin: Any, channels: int) -> None:
        silence = np.zeros((channels, self.block), np.float32)
        for _ in range(1 + int(SETTLED_S * self.rate_hz) // self.block):
            plugin.process(silence, self.rate_hz, buffer_size=self.block, reset=False)
        plugin.reset()
        # pedalboard drops as many samples of a fresh plug-in as that tells to be late. Silence is
        # dropped here, so that a plug-in that tells too much loses nothing of the sound.
        for _ in range(-(-int(getattr(plugin, "reported_latency_samples", 0)) // self.block)):
            plugin.process(silence, self.rate_hz, buffer_size=self.block, reset=False)

    def process(self, block: Samples) -> Samples:
        """The next block through it; fewer samples come out while it is late."""
        if self._both:
            return self._through(0, np.repeat(block, 2, axis=0))[:1]
        if len(self._plugins) == 1:
            return self._through(0, block)
        parts = [self._through(i, block[i : i + 1]) for i in range(len(self._plugins))]
        if len({part.shape[1] for part in parts}) > 1:
            raise Fault("plugin-garbage", "its two instances gave different numbers of samples")
        return np.concatenate(parts)

    def _through(self, which: int, block: Samples) -> Samples:
        made: Samples = self._plugins[which].process(
            block, self.rate_hz, buffer_size=self.block, reset=False
        )
        return made

    def told(self) -> dict[str, Any]:
        """What is known of it now that it is open."""
        return {**described(self._plugins[0]), "instances": len(self._plugins)}


def make(asked: dict[str, Any]) -> Any:
    """A fresh plug-in with its state, then its parameters set."""
    path, name = str(asked["path"]), str(asked.get("name") or "")
    plugin = _built_in(path.removeprefix(BUILT_IN)) if path.startswith(BUILT_IN) else None
    plugin = _loaded(path, name) if plugin is None else plugin
    if asked.get("state"):
        _restore(plugin, base64.b64decode(asked["state"]))
    elif asked.get("preset"):
        _preset(plugin, str(asked["preset"]))
    for parameter, value in dict(asked.get("parameters") or {}).items():
        _set(plugin, str(parameter), value)
    return plugin


def _restore(plugin: Any, state: bytes) -> None:
    """Give it its state. A plug-in says nothing of one that it cannot read, and stays as it was."""
    if not hasattr(plugin, "raw_state"):
        raise Fault("setting-range", "state: must be left out, pedalboard's own have none")
    fresh = plugin.raw_state
    plugin.raw_state = state
    if plugin.raw_state == fresh != state:
        raise Fault(
            "plugin-unreadable",
            "its state was not taken, it plays as if fresh; take state out of the step to let it, "
            "or note it again from a preset",
        )


def _built_in(name: str) -> Any:
    import pedalboard

    if name not in built_in():
        raise Fault("plugin-missing", f"no such one; there are {', '.join(built_in())}")
    return getattr(pedalboard, name)()


def built_in() -> list[str]:
    """Names of pedalboard's own processors."""
    import pedalboard

    kinds = {n: k for n, k in vars(pedalboard).items() if isinstance(k, type)}
    effects = {n for n, k in kinds.items() if issubclass(k, pedalboard.Plugin) and n[0] != "_"}
    return sorted(effects - _NOT_ALONE)


def _loaded(path: str, name: str) -> Any:
    import pedalboard

    try:
        plugin = pedalboard.load_plugin(
            path, plugin_name=name or None, initialization_timeout=LOAD_S
        )
    except (ImportError, ValueError, RuntimeError) as error:
        raise Fault("plugin-unreadable", f"cannot be loaded: {_flat(error)}") from None
    if not plugin.is_effect:
        raise Fault("plugin-unreadable", "is an instrument, and takes no sound in")
    return plugin


def described(plugin: Any) -> dict[str, Any]:
    """Name, maker, version, what it says of its delay, its parameters and its state."""
    external = hasattr(plugin, "raw_state")
    return {
        "name": str(plugin.name) if external else type(plugin).__name__,
        "manufacturer": str(plugin.manufacturer_name) if external else "pedalboard",
        "version": str(plugin.version) if external else _version(),
        "latency": int(plugin.reported_latency_samples) if external else 0,
        "parameters": _parameters(plugin),
        "state": base64.b64encode(plugin.raw_state).decode() if external else "",
    }


def _version() -> str:
    import pedalboard

    return str(pedalboard.__version__)


def _parameters(plugin: Any) -> list[dict[str, Any]]:
    if not hasattr(plugin, "raw_state"):
        names = [n for n, k in vars(type(plugin)).items() if isinstance(k, property)]
        return [_row(n, getattr(plugin, n)) for n in names if not n.startswith("_")]
    return [_declared(n, one, getattr(plugin, n)) for n, one in plugin.parameters.items()]


def _row(name: str, value: Any) -> dict[str, Any]:
    plain = value if isinstance(value, bool | int | float | str) else getattr(value, "name", "")
    empty: dict[str, Any] = {"low": None, "high": None, "unit": "", "choices": [], "label": name}
    return {"name": name, "value": plain, **empty}


def _declared(name: str, one: Any, value: Any) -> dict[str, Any]:
    kind = one.type
    plain = bool(value) if kind is bool else float(value) if kind is float else str(value)
    return {
        "name": name,
        "value": plain,
        "low": float(one.min_value) if kind is float else None,
        "high": float(one.max_value) if kind is float else None,
        "unit": str(one.label or "") if kind is float else "",
        "choices": [str(v) for v in one.valid_values] if kind is str else [],
        "label": str(one.name),
    }


def _preset(plugin: Any, path: str) -> None:
    try:
        plugin.load_preset(path)
    except (AttributeError, RuntimeError, OSError) as error:
        said = "it takes none" if isinstance(error, AttributeError) else _flat(error)
        raise Fault("setting-range", f"preset={path}: cannot be loaded: {said}") from None


def _set(plugin: Any, name: str, value: Any) -> None:
    rows = {row["name"]: row for row in _parameters(plugin)}
    if name not in rows:
        raise Fault(
            "setting-unknown", f"parameters.{name}: no such parameter; there are {', '.join(rows)}"
        )
    row = rows[name]
    allowed = _allowed(row)
    said = f"parameters.{name}={value}: must be {allowed}"
    if row["choices"]:
        words = [value] if isinstance(value, str) else [f"{value:g}", str(value)]
        value = next((w for w in words if w in row["choices"]), None)
        if value is None:
            raise Fault("setting-range", said)
    elif row["low"] is not None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not row["low"] <= value <= row["high"]:
            raise Fault("setting-range", said)
    elif isinstance(row["value"], bool) != isinstance(value, bool):
        raise Fault("setting-range", said)
    if value == row["value"]:
        return  # its text may be coarser than its value: what the state has set stays
    try:
        if row["low"] is None:
            setattr(plugin, name, value)
        else:
            one = plugin.parameters[name]
            one.raw_value = _raw(one, float(value))
    except (ValueError, TypeError, AttributeError) as error:
        raise Fault("setting-range", f"parameters.{name}={value}: {_flat(error)}") from None


def _raw(one: Any, value: float) -> float:
    """Where from 0 to 1 a parameter shows the value, or the next to it: the middle of the places.

    pedalboard has asked for the text at ``_GRID`` places, and holds ranges of those that are alike.
    """
    nearest = min(one.ranges.values(), key=lambda shown: abs(shown - value))
    ranges = [place for place, shown in one.ranges.items() if shown == nearest]
    low, high = min(a for a, _ in ranges), max(b for _, b in ranges)
    return float(low + (high if high == 1 else high - 1 / _GRID)) / 2


def _allowed(row: dict[str, Any]) -> str:
    if row["choices"]:
        return "one of " + ", ".join(row["choices"])
    if row["low"] is not None:
        return f"{row['low']:g} to {row['high']:g} {row['unit']}".rstrip()
    return "true or false" if isinstance(row["value"], bool) else "a number"


def _flat(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")


class Host:
    """Answers one frame after another."""

    def __init__(self) -> None:
        self._opened: Opened | None = None

    def open(self, asked: dict[str, Any]) -> Opened:
        """The plug-in asked for. A stand-in in the tests gives its own."""
        return Opened(asked)

    def asked(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what a frame of JSON asks."""
        if asked["do"] == "open":
            self._opened = self.open(asked)
            return self._opened.told()
        if asked["do"] == "told" and self._opened is not None:
            return self._opened.told()
        if asked["do"] == "describe":
            return described(make(asked))
        if asked["do"] == "names":
            return {"names": _names(str(asked["path"]))}
        raise Fault("fault", f"{asked['do']}: cannot be asked now")

    def process(self, payload: bytes) -> bytes:
        """A block of samples through the open plug-in."""
        if self._opened is None:
            raise Fault("fault", "no plug-in is open")
        block = np.frombuffer(payload, np.float32).reshape(self._opened.channels, -1)
        made = np.ascontiguousarray(self._opened.process(block), np.float32)
        return made.tobytes()

    def serve(self, line: Line) -> None:
        """Answer until the other end is gone. JUCE wants its plug-ins in the main thread."""
        while True:
            kind, payload = line.take()
            try:
                if kind == b"A":
                    line.put(b"A", self.process(payload))
                else:
                    line.put(b"J", json.dumps(self.asked(json.loads(payload))).encode())
            except Fault as fault:
                said = {"code": fault.code, "sentence": fault.sentence}
                line.put(b"E", json.dumps(said).encode())
            except ImportError as error:
                said = {"code": "extra-missing", "sentence": _flat(error)}
                line.put(b"E", json.dumps(said).encode())
            except Exception as error:  # noqa: BLE001  whatever a plug-in raises is its own fault
                said = {"code": "plugin-failed", "sentence": _flat(error)}
                line.put(b"E", json.dumps(said).encode())


def _names(path: str) -> list[str]:
    import pedalboard

    if path == BUILT_IN:
        return built_in()
    for kind in ("VST3Plugin", "AudioUnitPlugin"):
        if hasattr(pedalboard, kind):
            with suppress(ImportError):
                found: list[str] = getattr(pedalboard, kind).get_plugin_names_for_file(path)
                if found:
                    return found
    raise Fault("plugin-unreadable", "cannot be loaded as a plug-in on this system")


def main(host: Host | None = None) -> None:
    """Serve on standard input and output; what a plug-in prints goes to standard error."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no file behind
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us decides
    line = Line(incoming, outgoing)
    line.listen()
    with suppress(BrokenPipeError):
        (host or Host()).serve(line)


if __name__ == "__main__":
    main()
