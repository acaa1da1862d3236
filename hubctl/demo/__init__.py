"""What `hubctl demo` needs around the real program: a fleet, a registry, a forge and a remote, all on this machine."""
