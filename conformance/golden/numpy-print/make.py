"""Prints arrays as numpy does, and writes .npy headers: golden data for `cairn ckpt cat`.

usage: make.py expected.json
"""
import base64
import io
import json
import sys

import numpy as np

# The rule of numpy up to 2.2 for when an exponent is used: from 1e8 on, whatever the type.
np.set_printoptions(legacy="2.1")
rng = np.random.RandomState(7)
DT = {"float16": "Float16", "float32": "Float32", "float64": "Float64", "int32": "Int32", "int64": "Int64", "uint8": "UInt8",
      "int8": "Int8", "uint64": "UInt64", "bool": "Bool", "int16": "Int16", "uint16": "UInt16", "uint32": "UInt32"}


def f4(*v):
    return np.array(v, dtype=np.float32)


arrays = [
    f4(0.5), f4(1, 2, 3), f4(0.1, 0.25, 10), f4(-1, 0.5), f4(-0.0, 0.0, 1), f4(1e-5, 1), f4(1e8, 1), f4(99999999, 5), f4(0.0001, 0.05), f4(1, 1001), f4(1, 1000),
    f4(np.nan, 1.5, np.inf), f4(np.nan, 1, -np.inf), f4(np.nan), f4(-np.inf, np.inf), f4(0, 0), f4(3.1415927, -2.7182817), f4(1e-40, 3e38), f4(np.nan, 1e-10, -np.inf),
    f4(1234567.8, 0.001234567), f4(123456.79, 123.45678), f4(0.012345679, 0.9), f4(16777216, 3),
    np.array(0.1, np.float32), np.array(12, np.float32), np.array(1e-5, np.float32), np.array(-0.0, np.float32), np.array(np.nan, np.float32), np.array(-np.inf),
    np.array(1e16), np.array(123456789012345680.0), np.array(0.1), np.array(0.0001), np.array(7), np.array(True), np.array(65504, np.float16), np.array(0.1, np.float16), np.array(2**63, np.uint64),
    np.array([0.1, 1 / 3, 100]), np.array([1e-300, 1e300]), np.array([1.0, 12345678.9]), np.array([1e-5, 123456789.123]), np.array([1e100, -1e-100, 5]),
    np.array([0.1, 2.5, -65504], np.float16), np.array([0.1, 0.2], np.float16), np.array([6e-8, 1], np.float16), np.array([1000, 1], np.float16), np.array([2048, 1], np.float16),
    np.array([1, -20, 300], np.int32), np.array([[1, 2], [30, -4]], np.int64), np.array([2**63 - 1, -2**63], np.int64), np.array([2**64 - 1, 0], np.uint64),
    np.array([True, False]), np.array([[False, False], [True, True]]), np.arange(200, dtype=np.uint8), np.array([-128, 127], np.int8), np.array([-32768, 3], np.int16), np.array([65535], np.uint16), np.array([2**32 - 1], np.uint32),
    np.zeros((0,), np.float32), np.zeros((2, 0), np.float32), np.zeros((1, 1, 1), np.float32), np.arange(24, dtype=np.float32).reshape(2, 3, 4), np.arange(16, dtype=np.int32).reshape(2, 2, 2, 2),
    rng.standard_normal((5, 4)).astype(np.float32), rng.standard_normal((2, 20)).astype(np.float32), rng.standard_normal(30), (rng.standard_normal((3, 3)) * 1e-6).astype(np.float32),
    rng.standard_normal((7, 9)).astype(np.float16), (10.0 ** rng.randint(-3, 4, size=(4, 4))).astype(np.float32), rng.standard_normal((1, 1000)).astype(np.float32)[:, :1000],
    np.arange(1000, dtype=np.int32), np.arange(1001, dtype=np.int32), rng.standard_normal((40, 50)).astype(np.float32), rng.standard_normal((200, 6)).astype(np.float32), np.arange(2000, dtype=np.float32).reshape(4, 1, 500),
    np.arange(3000, dtype=np.int64).reshape(10, 10, 30), (np.arange(1200) % 2 == 0).reshape(600, 2), (10.0 ** rng.uniform(-30, 30, size=(3, 5))).astype(np.float32), 10.0 ** rng.uniform(-2, 1, size=(3, 5)),
    np.array([4328, 5], np.float16), np.array([2**-6, 0.75], np.float16), np.array([2**-6, 2048, 1], np.float16), f4(2**-9, 0.5), f4(33554434, 33554436), f4(99999992, 12345678),
]
cases = []
for a in arrays:
    out = io.BytesIO()
    np.lib.format.write_array(out, np.ascontiguousarray(a).reshape(a.shape), version=(1, 0))
    npy = out.getvalue()
    cases.append({
        "dtype": DT[str(a.dtype)],
        "shape": list(a.shape),
        "content": base64.b64encode(a.tobytes()).decode(),
        "text": str(a),
        "npy_header": npy[: len(npy) - a.nbytes].decode("latin1"),
    })
with open(sys.argv[1], "w") as f:
    json.dump({"numpy": np.__version__, "cases": cases}, f, indent=1)
    f.write("\n")
