#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Ten folds of LightGBM's binned trees, through its C interface: trees.py's peer,
where somebody has built it (Debian has no package):

  git clone --recursive https://github.com/microsoft/LightGBM
  cmake -S LightGBM -B build && cmake --build build     # LightGBM/lib_lightgbm.so

The columns are binned once, on all rows, for all folds; a fold is one round of
boosting on its training rows, so that the trees and the work are those of a
single tree: one of regression to the class code (the least that LightGBM can do
for a tree of so many leaves), or one for each class (what it does for classes).
Binning, folds and predicting the test rows are part of the time."""
import ctypes, time

import numpy as np

FLOAT32, FLOAT64 = 0, 1
NORMAL = 0


class Library:
    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.c.LGBM_GetLastError.restype = ctypes.c_char_p

    def call(self, name, *arguments):
        if getattr(self.c, "LGBM_" + name)(*arguments) != 0:
            raise RuntimeError(self.c.LGBM_GetLastError().decode())

    def make(self, name, *arguments):
        """Call what hands out a handle by its last argument."""
        handle = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def fold_errors(lgb, data, x, y, fold, k, parameters, classes):
    train = np.flatnonzero(fold != k).astype(np.int32)
    test = np.ascontiguousarray(x[fold == k])
    rows = lgb.make("DatasetGetSubset", data, pointer(train),
                    ctypes.c_int32(len(train)), parameters)
    booster = lgb.make("BoosterCreate", rows, parameters)
    finished = ctypes.c_int()
    lgb.call("BoosterUpdateOneIter", booster, ctypes.byref(finished))
    got = np.empty((len(test), classes))
    length = ctypes.c_int64()
    lgb.call("BoosterPredictForMat", booster, pointer(test),
             ctypes.c_int(FLOAT64), ctypes.c_int32(len(test)),
             ctypes.c_int32(x.shape[1]), ctypes.c_int(1), ctypes.c_int(NORMAL),
             ctypes.c_int(0), ctypes.c_int(-1), parameters,
             ctypes.byref(length), pointer(got))
    said = np.rint(got[:, 0]) if classes == 1 else got.argmax(axis=1)
    lgb.call("BoosterFree", booster)
    lgb.call("DatasetFree", rows)
    return int((said != y[fold == k]).sum())


def seconds(path, x, y, fold, leaves, cores, per_class):
    """Wall time and errors of all folds; x (rows, columns) in row order."""
    classes = int(y.max()) + 1 if per_class else 1
    parameters = (
        f"num_threads={cores} num_leaves={leaves} min_data_in_leaf=2 "
        "min_sum_hessian_in_leaf=0 learning_rate=1 max_bin=255 verbosity=-1 "
        "force_col_wise=true feature_pre_filter=false " +
        (f"objective=multiclass num_class={classes}" if per_class
         else "objective=regression")).encode()
    lgb = Library(path)
    label = y.astype(np.float32)
    start = time.perf_counter()
    data = lgb.make("DatasetCreateFromMat", pointer(x), ctypes.c_int(FLOAT64),
                    ctypes.c_int32(x.shape[0]), ctypes.c_int32(x.shape[1]),
                    ctypes.c_int(1), parameters, None)
    lgb.call("DatasetSetField", data, b"label", pointer(label),
             ctypes.c_int(len(label)), ctypes.c_int(FLOAT32))
    binned = time.perf_counter() - start
    wrong = sum(fold_errors(lgb, data, x, y, fold, k, parameters, classes)
                for k in range(10))
    took = time.perf_counter() - start
    lgb.call("DatasetFree", data)
    return took, f"{wrong} wrong, {binned:.1f} s of it binning"
