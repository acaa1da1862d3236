import subprocess
import sys

SHOWS = """
import ctypes, resource, subprocess, sys
from hubctl.adapters.hardening import keep_memory_private

keep_memory_private()
child = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
print(resource.getrlimit(resource.RLIMIT_CORE), flush=True)
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
subprocess.run([sys.executable, "-c", child], check=True)
"""


def test_neither_the_process_nor_its_children_leave_a_core_dump_and_nobody_reads_its_memory() -> None:
    done = subprocess.run([sys.executable, "-c", SHOWS], check=True, capture_output=True, text=True)
    dumpable = "0\n" if sys.platform == "linux" else "-1\n"
    assert done.stdout == f"(0, 0)\n{dumpable}(0, 0)\n"
