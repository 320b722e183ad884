package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
)

// Go's JPEG encoder writes the example Huffman tables of the standard, which
// spend six bits on every empty block. These pictures are mostly empty blocks,
// so tables fitted to each picture save a third of the bytes and change no
// pixel. repack decodes the symbols, counts them, and writes them again.

var errShape = errors.New("not a baseline JPEG as image/jpeg writes it")

// token is one Huffman symbol with the plain bits that follow it.
type token struct {
	table, symbol uint8
	bits          uint16
	n             uint8
}

// table decodes one set of codes; its place is class*2+id as in the file.
type table struct {
	counts  [17]int
	symbols []byte
}

type bitReader struct {
	data []byte
	acc  uint32
	n    int
}

func (r *bitReader) bit() uint32 {
	if r.n == 0 {
		b := r.data[0]
		r.data = r.data[1:]
		if b == 0xFF {
			r.data = r.data[1:] // the stuffed zero
		}
		r.acc, r.n = uint32(b), 8
	}
	r.n--
	return r.acc >> r.n & 1
}

func (r *bitReader) bits(n uint8) uint16 {
	v := uint32(0)
	for range n {
		v = v<<1 | r.bit()
	}
	return uint16(v)
}

// symbol walks the canonical code one bit at a time.
func (r *bitReader) symbol(t *table) uint8 {
	code, first, at := 0, 0, 0
	for n := 1; n <= 16; n++ {
		code = code<<1 | int(r.bit())
		if code-first < t.counts[n] {
			return t.symbols[at+code-first]
		}
		at += t.counts[n]
		first = (first + t.counts[n]) << 1
	}
	return 0
}

// repack rewrites a JPEG with the best Huffman tables for it.
func repack(in []byte) ([]byte, error) {
	var tables [4]table
	var head bytes.Buffer
	w, h := 0, 0
	head.Write(in[:2])
	for at := 2; at+4 <= len(in); {
		mark, size := in[at+1], int(binary.BigEndian.Uint16(in[at+2:]))
		seg := in[at : at+2+size]
		at += 2 + size
		switch mark {
		case 0xC4:
			readTables(seg[4:], &tables)
			continue
		case 0xC0:
			h, w = int(binary.BigEndian.Uint16(seg[5:])), int(binary.BigEndian.Uint16(seg[7:]))
			if seg[9] != 3 || seg[11] != 0x22 {
				return nil, errShape
			}
		case 0xDA:
			toks := tokens(in[at:], &tables, ((w+15)/16)*((h+15)/16))
			return assemble(head.Bytes(), seg, toks), nil
		}
		head.Write(seg)
	}
	return nil, errShape
}

func readTables(b []byte, tables *[4]table) {
	for len(b) > 17 {
		t := &tables[b[0]>>4*2+b[0]&1]
		total := 0
		for i := 1; i <= 16; i++ {
			t.counts[i] = int(b[i])
			total += int(b[i])
		}
		t.symbols = b[17 : 17+total]
		b = b[17+total:]
	}
}

// tokens reads all blocks: four of brightness and two of colour per unit.
func tokens(data []byte, tables *[4]table, units int) []token {
	r := &bitReader{data: data}
	out := make([]token, 0, units*16)
	for range units {
		for block := range 6 {
			id := uint8(0)
			if block > 3 {
				id = 1
			}
			n := r.symbol(&tables[id])
			out = append(out, token{id, n, r.bits(n), n})
			for k := 1; k < 64; k++ {
				sym := r.symbol(&tables[2+id])
				n := sym & 15
				out = append(out, token{2 + id, sym, r.bits(n), n})
				if sym == 0 {
					break
				}
				k += int(sym >> 4)
			}
		}
	}
	return out
}

// assemble writes header, fitted tables, and the symbols in their new codes.
func assemble(head, scan []byte, toks []token) []byte {
	var count [4][257]int
	for _, t := range toks {
		count[t.table][t.symbol]++
	}
	out := bytes.NewBuffer(slices.Clone(head))
	var codes [4][256]uint32 // length in the high half
	for i := range 4 {
		t := fit(count[i])
		binary.Write(out, binary.BigEndian, []uint16{0xFFC4, uint16(19 + len(t.symbols))})
		out.WriteByte(byte(i>>1<<4 | i&1))
		code, at := uint32(0), 0
		for n := 1; n <= 16; n++ {
			out.WriteByte(byte(t.counts[n]))
			for range t.counts[n] {
				codes[i][t.symbols[at]] = uint32(n)<<16 | code
				code, at = code+1, at+1
			}
			code <<= 1
		}
		out.Write(t.symbols)
	}
	out.Write(scan)
	w := &bitWriter{out: out}
	for _, t := range toks {
		c := codes[t.table][t.symbol]
		w.put(c&0xFFFF, int(c>>16))
		w.put(uint32(t.bits), int(t.n))
	}
	w.put(0x7F, 7)
	out.Write([]byte{0xFF, 0xD9})
	return out.Bytes()
}

type bitWriter struct {
	out *bytes.Buffer
	acc uint64
	n   int
}

func (w *bitWriter) put(v uint32, n int) {
	w.acc, w.n = w.acc<<n|uint64(v), w.n+n
	for w.n >= 8 {
		b := byte(w.acc >> (w.n - 8))
		w.out.WriteByte(b)
		if b == 0xFF {
			w.out.WriteByte(0)
		}
		w.n -= 8
		w.acc &= 1<<w.n - 1
	}
}

// fit builds code lengths of at most 16 bits from counts, after annex K.2 of
// the standard; symbol 256 keeps the all-ones code free, as it must be.
func fit(count [257]int) table {
	count[256] = 1
	var size [257]int
	group := make([][]int, 257)
	for i := range group {
		group[i] = []int{i}
	}
	for {
		a, b := rarest(count[:])
		if b < 0 {
			break
		}
		count[a] += count[b]
		count[b] = 0
		group[a] = append(group[a], group[b]...)
		for _, s := range group[a] {
			size[s]++
		}
	}
	return limited(size)
}

// rarest finds the two smallest counts above zero; ties go to the higher symbol.
func rarest(count []int) (a, b int) {
	a, b = -1, -1
	for i, n := range count {
		switch {
		case n == 0:
		case a < 0 || n <= count[a]:
			a, b = i, a
		case b < 0 || n <= count[b]:
			b = i
		}
	}
	return a, b
}

// limited shortens codes over 16 bits and lists symbols by length.
func limited(size [257]int) table {
	var bits [258]int
	for _, n := range size {
		bits[n]++
	}
	bits[0] = 0
	for i := 257; i > 16; i-- {
		for bits[i] > 0 {
			j := i - 2
			for bits[j] == 0 {
				j--
			}
			bits[i] -= 2
			bits[i-1]++
			bits[j+1] += 2
			bits[j]--
		}
	}
	last := 16
	for bits[last] == 0 {
		last--
	}
	bits[last]-- // the code of symbol 256
	var t table
	copy(t.counts[:], bits[:17])
	for n := 1; n <= 257; n++ {
		for s := range 256 {
			if size[s] == n {
				t.symbols = append(t.symbols, byte(s))
			}
		}
	}
	return t
}
