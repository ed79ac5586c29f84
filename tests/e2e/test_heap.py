"""The allocator gives back what a large page needed, whichever thread read it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_PROGRAM = """
import ctypes, json, sys, threading
from console import heap

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.sbrk.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

libc.mallinfo2.restype = Info
if sys.argv[1] == "settled":
    heap.settle()
libc.free(libc.malloc(8_000_000))  # from here on glibc, left alone, takes such blocks from a heap
before = libc.mallinfo2().hblks
kept = libc.malloc(1_000_000)
apart = libc.mallinfo2().hblks - before
places = []
threads = [threading.Thread(target=lambda: places.append(libc.malloc(64))) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
# The first heap grows by sbrk; those that glibc makes for threads lie above.
print(json.dumps({"apart": apart, "elsewhere": sum(place > libc.sbrk(0) for place in places)}))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator is Linux's")
def test_large_blocks_stand_apart_and_threads_share_one_heap() -> None:
    told = {
        how: json.loads(
            subprocess.run(
                [sys.executable, "-c", _PROGRAM, how], check=True, capture_output=True, timeout=60
            ).stdout
        )
        for how in ("settled", "left alone")
    }
    assert told == {
        "settled": {"apart": 1, "elsewhere": 0},
        "left alone": {"apart": 0, "elsewhere": 4},
    }
