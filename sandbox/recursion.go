package sandbox

import "slices"

// recursive tells which functions are counted where they are entered, so that something is counted on every cycle of calls:
// those that call through the table inside a loop (what calls through it elsewhere is counted where it does, as it often returns
// before that), and of each cycle of direct calls the largest function, whose own work outweighs the counting.
func recursive(bodies []body, imported uint32) []bool {
	g := callGraph{bodies: bodies, imported: imported, counted: make([]bool, len(bodies))}
	all := make([]int, len(bodies))
	for i := range bodies {
		all[i] = i
		g.counted[i] = bodies[i].farInLoop
	}
	g.cut(all)
	return g.counted
}

// callGraph is the graph of direct calls, without the functions that are counted.
type callGraph struct {
	bodies   []body
	imported uint32
	counted  []bool
}

// cut counts functions of a set until no cycle of calls is left inside it.
func (g *callGraph) cut(set []int) {
	for _, c := range g.cycles(set) {
		largest := slices.MaxFunc(c, func(a, b int) int { return len(g.bodies[a].code) - len(g.bodies[b].code) })
		g.counted[largest] = true
		g.cut(c)
	}
}

// cycles are the strongly connected components of a set of functions in which there is a cycle (Tarjan 1972).
func (g *callGraph) cycles(set []int) (found [][]int) {
	type node struct {
		index, low int // order of discovery; 0: not seen
		onStack    bool
	}
	nodes := make(map[int]*node, len(set))
	for _, v := range set {
		nodes[v] = &node{}
	}
	var stack []int
	type frame struct{ v, next int }
	var work []frame
	order := 0
	for _, root := range set {
		if nodes[root].index != 0 || g.counted[root] {
			continue
		}
		work = append(work[:0], frame{root, 0})
		for len(work) > 0 {
			top := &work[len(work)-1]
			v := top.v
			n := nodes[v]
			if n.index == 0 {
				order++
				n.index, n.low, n.onStack = order, order, true
				stack = append(stack, v)
			}
			descended := false
			for !descended && top.next < len(g.bodies[v].calls) {
				u := int(g.bodies[v].calls[top.next]) - int(g.imported)
				top.next++
				switch m := nodes[u]; {
				case m == nil || g.counted[u]: // not in the set, as what is imported is not
				case m.index == 0:
					work = append(work, frame{u, 0}) // top is not used after this
					descended = true
				case m.onStack:
					n.low = min(n.low, m.index)
				}
			}
			if descended {
				continue
			}
			if n.low == n.index {
				k := len(stack) - 1
				for stack[k] != v {
					k--
				}
				c := slices.Clone(stack[k:])
				stack = stack[:k]
				for _, u := range c {
					nodes[u].onStack = false
				}
				if len(c) > 1 || slices.Contains(g.bodies[v].calls, uint32(v)+g.imported) {
					found = append(found, c)
				}
			}
			work = work[:len(work)-1]
			if len(work) > 0 {
				p := nodes[work[len(work)-1].v]
				p.low = min(p.low, n.low)
			}
		}
	}
	return found
}
