package sandbox

// at resolves a path argument of a guest relative to a folder's descriptor.
func (r *run) at(fd, ptr, n uint64, follow bool) (place, errno) {
	f := r.file(fd)
	if f == nil {
		return place{}, eBADF
	}
	if f.kind != fdDir {
		return place{}, eNOTDIR
	}
	path, e := r.text(ptr, n)
	if e != eOK {
		return place{}, e
	}
	return r.fs.walk(f.node, path, follow)
}

// existing is at for a path that must lead somewhere.
func (r *run) existing(fd, ptr, n uint64, follow bool) (place, errno) {
	p, e := r.at(fd, ptr, n, follow)
	if e == eOK && p.node == nil {
		e = eNOENT
	}
	return p, e
}

// fresh is at for a path that must not lead anywhere yet.
func (r *run) fresh(fd, ptr, n uint64) (place, errno) {
	p, e := r.at(fd, ptr, n, false)
	if e == eOK && p.node != nil {
		e = eEXIST
	}
	return p, e
}

func (r *run) pathOpen(a []uint64) errno {
	flags, rights, fdflags := a[4], a[5], a[7]
	p, e := r.at(a[0], a[2], a[3], a[1]&1 != 0)
	if e != eOK {
		return e
	}
	f := &open{kind: fdFile, read: rights&rightRead != 0, write: rights&rightWrite != 0, append: fdflags&fdflagAppend != 0}
	switch {
	case p.node == nil:
		if flags&oflagCreat == 0 {
			return eNOENT
		}
		if flags&oflagDirectory != 0 {
			return eINVAL
		}
	case flags&(oflagCreat|oflagExcl) == oflagCreat|oflagExcl:
		return eEXIST
	case p.node.isLink():
		return eLOOP
	case p.node.isDir():
		if f.write && flags&oflagDirectory == 0 && flags&(oflagCreat|oflagTrunc) != 0 {
			return eISDIR
		}
		f.kind = fdDir
	case flags&oflagDirectory != 0:
		return eNOTDIR
	case p.node.readonly && !p.node.null && (f.write || flags&oflagTrunc != 0):
		return eROFS
	}
	fd := -1
	for i, o := range r.fds {
		if o == nil {
			fd = i
			break
		}
	}
	if fd < 0 {
		if len(r.fds) >= maxOpen {
			return eMFILE
		}
		fd = len(r.fds)
		r.fds = append(r.fds, nil)
	}
	if p.node == nil {
		if p.node, e = r.fs.create(p.dir, p.name, r.now()); e != eOK {
			return e
		}
	} else if f.kind == fdFile && flags&oflagTrunc != 0 {
		if e := r.fs.resize(p.node, 0); e != eOK {
			return e
		}
		p.node.touch(r.now())
	}
	f.node = p.node
	if f.kind == fdFile {
		if f.node.readonly {
			r.charge(int64(f.node.length()) >> byteShift) // it may have to be unpacked
		} else {
			f.node.opens++
		}
	}
	r.fds[fd] = f
	return r.put32(a[8], uint32(fd))
}

func (r *run) pathFilestatGet(a []uint64) errno {
	p, e := r.existing(a[0], a[2], a[3], a[1]&1 != 0)
	if e != eOK {
		return e
	}
	return r.putFilestat(a[4], p.node)
}

func (r *run) pathSetTimes(a []uint64) errno {
	p, e := r.existing(a[0], a[2], a[3], a[1]&1 != 0)
	if e != eOK {
		return e
	}
	return r.setTime(p.node, a[5], a[6])
}

func (r *run) pathCreateDirectory(a []uint64) errno {
	p, e := r.fresh(a[0], a[1], a[2])
	if e != eOK {
		return e
	}
	n, e := r.fs.create(p.dir, p.name, r.now())
	if e == eOK {
		n.dir = map[string]*node{}
	}
	return e
}

func (r *run) pathSymlink(a []uint64) errno {
	target, e := r.text(a[0], a[1])
	if e != eOK {
		return e
	}
	if target == "" {
		return eNOENT
	}
	p, e := r.fresh(a[2], a[3], a[4])
	if e != eOK {
		return e
	}
	n, e := r.fs.create(p.dir, p.name, r.now())
	if e == eOK {
		n.target = target
	}
	return e
}

func (r *run) pathReadlink(a []uint64) errno {
	p, e := r.existing(a[0], a[1], a[2], false)
	if e != eOK {
		return e
	}
	if !p.node.isLink() {
		return eINVAL
	}
	b, ok := r.bytes(a[3], a[4])
	if !ok {
		return eFAULT
	}
	return r.put32(a[5], uint32(copy(b, p.node.target)))
}

func (r *run) pathLink(a []uint64) errno {
	from, e := r.existing(a[0], a[2], a[3], a[1]&1 != 0)
	if e != eOK {
		return e
	}
	to, e := r.fresh(a[4], a[5], a[6])
	switch {
	case e != eOK:
		return e
	case from.node.isDir():
		return ePERM
	case from.node.readonly:
		return eROFS
	}
	return r.fs.link(to.dir, to.name, from.node, r.now())
}

func (r *run) pathUnlink(a []uint64) errno {
	p, e := r.existing(a[0], a[1], a[2], false)
	switch {
	case e != eOK:
		return e
	case p.node.isDir():
		return eISDIR
	case p.dir.readonly:
		return eROFS
	}
	r.fs.unlink(p.dir, p.name, r.now())
	return eOK
}

func (r *run) pathRemoveDirectory(a []uint64) errno {
	p, e := r.existing(a[0], a[1], a[2], false)
	switch {
	case e != eOK:
		return e
	case !p.node.isDir():
		return eNOTDIR
	case p.name == "." || p.dir.readonly:
		return eINVAL
	case len(p.node.dir) > 0:
		return eNOTEMPTY
	}
	r.fs.unlink(p.dir, p.name, r.now())
	return eOK
}

func (r *run) pathRename(a []uint64) errno {
	from, e := r.existing(a[0], a[1], a[2], false)
	if e != eOK {
		return e
	}
	to, e := r.at(a[3], a[4], a[5], false)
	switch {
	case e != eOK:
		return e
	case from.name == "." || to.name == ".":
		return eINVAL
	case from.dir.readonly || to.dir.readonly:
		return eROFS
	case to.dir.links == 0: // removed, and still open
		return eNOENT
	case len(to.name) > maxName:
		return eNAMETOOLONG
	case to.node == from.node:
		return eOK
	}
	if from.node.isDir() {
		for d := to.dir; ; d = d.up { // a folder cannot move below itself
			if d == from.node {
				return eINVAL
			}
			if d == d.up {
				break
			}
		}
	}
	if to.node != nil {
		switch {
		case from.node.isDir() && !to.node.isDir():
			return eNOTDIR
		case !from.node.isDir() && to.node.isDir():
			return eISDIR
		case len(to.node.dir) > 0:
			return eNOTEMPTY
		}
		r.fs.unlink(to.dir, to.name, r.now())
	}
	delete(from.dir.dir, from.name)
	to.dir.dir[to.name] = from.node
	if from.node.isDir() {
		from.node.up = to.dir
	}
	from.dir.mtime, to.dir.mtime = r.now(), r.now()
	return eOK
}
