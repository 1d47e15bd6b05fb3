"""Writes kinds.h5: datasets of kinds that h5wasm reads but cannot write.

    python make_kinds.py        Needs h5py (made with 3.16). The test beside the reader says what each must give.
"""
import os
import zlib

import h5py
import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def fixed(f, name, values, size, pad):
    """Text of fixed length with the bytes as they are given, padded as `pad` says."""
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(size)
    kind.set_strpad(pad)
    raw = np.array([v.ljust(size, b' ' if pad == h5py.h5t.STR_SPACEPAD else b'\0') for v in values], f'V{size}')
    dataset = h5py.h5d.create(f.id, name.encode(), kind, h5py.h5s.create_simple((len(values),)))
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, raw, mtype=kind)


def typed(f, name, kind, values, filters=()):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    if filters:
        plist.set_chunk((2,))
    for filter_id in filters:
        plist.set_filter(filter_id)
    dataset = h5py.h5d.create(f.id, name.encode(), kind, h5py.h5s.create_simple(values.shape), plist)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values)


with h5py.File('kinds.h5', 'w') as f:
    for name, levels in {
        'factor': {'B cell': 7, 'T cell': -2, 'false': 3},
        'boolean': {'FALSE': 0, 'TRUE': 1},
        'swapped': {'TRUE': 0, 'FALSE': 1},
        'logical': {'FALSE': 0, 'TRUE': 1, 'NA': 2},
    }.items():
        values = np.array([*levels.values(), next(iter(levels.values()))], 'i2')
        f.create_dataset(name, data=values, dtype=h5py.enum_dtype(levels, 'i2'))
    # A matrix of booleans with R's NA, and with a byte that is no level.
    f.create_dataset('logicals', data=np.array([[0, 1], [2, 0]], 'i1'), dtype=h5py.enum_dtype({'FALSE': 0, 'TRUE': 1, 'NA': 2}, 'i1'))
    f.create_dataset('flags', data=np.array([[0, 1], [1, 5]], 'i1'), dtype=h5py.enum_dtype({'FALSE': 0, 'TRUE': 1}, 'i1'))
    f.create_dataset('stray', data=np.array([0, 1, 5], 'i1'), dtype=h5py.enum_dtype({'a': 0, 'b': 1}, 'i1'))
    wide = np.array([2**32 - 1, 2**32 - 2], 'u4')
    f.create_dataset('wide', data=wide, dtype=h5py.enum_dtype({'a': 2**32 - 1, 'b': 2**32 - 2}, 'u4'))
    f.create_dataset('turned', data=np.array([0, 1], '>i2'), dtype=h5py.enum_dtype({'a': 0, 'b': 1}, '>i2'))

    fixed(f, 'null_terminated', [b'a\0zz', b'b ', b'abcdef'], 6, h5py.h5t.STR_NULLTERM)
    fixed(f, 'null_padded', [b'a\0z', b'b ', b'abcdef'], 6, h5py.h5t.STR_NULLPAD)
    fixed(f, 'space_padded', [b'a', b' b', 'ü'.encode()], 6, h5py.h5t.STR_SPACEPAD)
    fixed(f, 'latin1', [b'Rod', b'M\xfcller'], 8, h5py.h5t.STR_SPACEPAD)
    fixed(f, 'cut', [b'abc', 'abcü'.encode()[:4]], 4, h5py.h5t.STR_NULLPAD)
    f.create_dataset('latin1_vlen', data=[b'Rod', b'Z\xfc'], dtype=h5py.string_dtype())
    f.create_dataset('utf8_as_ascii', data=['Zürich'.encode(), b''], dtype=h5py.string_dtype('ascii'))

    for order in '<>':
        table = np.zeros(3, [('index', 'S4'), ('id', order + 'i8'), ('n', order + 'f4'), ('name', h5py.string_dtype())])
        table['index'], table['id'], table['n'] = [b'a', b'b', b'c'], np.arange(3) + 2**60, [0.5, 1, 2]
        table['name'] = ['ä'.encode(), b'', b'z']
        f['table_' + ('le' if order == '<' else 'be')] = table
    mixed = np.zeros(2, [('index', 'S4'), ('id', '>i4'), ('n', '<i2')])
    mixed['index'], mixed['id'], mixed['n'] = [b'a', b'b'], [1, 2], [3, 4]
    f['table_mixed'] = mixed

    whole = np.arange(4, dtype='i4')
    bits = h5py.h5t.STD_I32LE.copy()
    bits.set_precision(17)
    bits.set_offset(4)
    typed(f, 'offset_bits', bits, whole)
    typed(f, 'nbit', bits, whole, [h5py.h5z.FILTER_NBIT])
    narrow = h5py.h5t.STD_I32LE.copy()
    narrow.set_precision(24)
    narrow.set_size(3)
    typed(f, 'int24', narrow, whole)
    biased = h5py.h5t.IEEE_F32LE.copy()
    biased.set_ebias(129)
    typed(f, 'biased', biased, whole.astype('f4'))
    biased.commit(f.id, b'kind')
    typed(f, 'biased_named', biased, whole.astype('f4'))
    f['half'] = whole.astype('f2')
    f['big_endian'] = whole.astype('>i4')
    f['complex'] = whole.astype('c8')
    f.create_dataset('scale_offset', data=whole, chunks=(2,), scaleoffset=2)

    virtual = h5py.VirtualLayout((4,), 'i4')
    virtual[:] = h5py.VirtualSource('gone.h5', 'x', (4,))
    f.create_virtual_dataset('virtual', virtual)
    f.create_dataset('external', (4,), 'i4', external=[('gone.bin', 0, 16)])
    f.create_dataset('never', (4,), 'i4')
    f.create_dataset('never_chunked', (4,), 'i4', chunks=(2,))
    f.create_dataset('halfway', (6,), 'i4', chunks=(2,))[:4] = 1
    f.create_dataset('all_chunks', data=np.arange(200), chunks=(1,), dtype='i2')
    f.create_dataset('some_rows', (6, 2), 'i4', chunks=(2, 2))[:2] = 1
    # Chunks that unpack to fewer bytes than a chunk has.
    for name, options in {'short': {}, 'short_gzip': {'compression': 'gzip', 'shuffle': True}}.items():
        short = f.create_dataset(name, (8,), 'i4', chunks=(4,), **options)
        short[:4] = 1
        stored = whole[:2].tobytes()
        short.id.write_direct_chunk((4,), zlib.compress(stored) if options else stored)
    f['opaque'] = np.zeros(2, 'V4')
    f.create_dataset('references', data=[f['half'].ref] * 2, dtype=h5py.ref_dtype)
    lists = f.create_dataset('lists', (2,), dtype=h5py.vlen_dtype('i4'))
    lists[0], lists[1] = [1, 2], [3]
