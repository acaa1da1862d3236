"""The example fleet, shipped in the wheel as `hubctl.example` so that `hubctl demo` can tell its story."""
