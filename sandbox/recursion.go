package sandbox

// recursive tells which functions need their depth counted so that every cycle of calls is bounded: those that call
// through the table, and those on a cycle of direct calls (Tarjan's strongly connected components).
func recursive(bodies []body, imported uint32) []bool {
	n := len(bodies)
	counted := make([]bool, n)
	index := make([]int, n) // 0: not seen; order of discovery otherwise
	low := make([]int, n)
	onStack := make([]bool, n)
	var stack []int
	type frame struct{ v, next int }
	var work []frame
	order := 0
	for root := range n {
		if index[root] != 0 {
			continue
		}
		work = append(work[:0], frame{root, 0})
		for len(work) > 0 {
			top := &work[len(work)-1]
			v := top.v
			if top.next == 0 {
				order++
				index[v], low[v] = order, order
				stack, onStack[v] = append(stack, v), true
				counted[v] = bodies[v].far
			}
			descended := false
			for top.next < len(bodies[v].calls) {
				c := bodies[v].calls[top.next]
				top.next++
				if c < imported || int(c-imported) >= n {
					continue
				}
				u := int(c - imported)
				if u == v {
					counted[v] = true
				}
				if index[u] == 0 {
					work = append(work, frame{u, 0}) // top is not used after this
					descended = true
					break
				}
				if onStack[u] {
					low[v] = min(low[v], index[u])
				}
			}
			if descended {
				continue
			}
			if low[v] == index[v] {
				k := len(stack) - 1
				for stack[k] != v {
					k--
				}
				for _, u := range stack[k:] {
					onStack[u] = false
					if len(stack)-k > 1 {
						counted[u] = true
					}
				}
				stack = stack[:k]
			}
			work = work[:len(work)-1]
			if len(work) > 0 {
				p := work[len(work)-1].v
				low[p] = min(low[p], low[v])
			}
		}
	}
	return counted
}
