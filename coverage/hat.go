package coverage

// PassHatK is the unbiased estimate of pass^k for one problem with c right samples among n: the chance that all of k
// samples are right,
//
//	binom(c, k) / binom(n, k) = ∏ (c−i) / (n−i) over i = 0 … k−1,
//
// to a relative error of about 1e-13 (Yao et al. 2024, "τ-bench", arXiv 2406.12045, who ask with it how reliable an agent
// is). It is 1 − pass@k of n samples that are right where these are wrong. What is below 1e-308 is 0. The error is an
// *[Invalid], as that of [PassAtK].
func PassHatK(n, c, k int) (float64, error) {
	count := []Count{{N: n, C: c}}
	if err := validate(count); err != nil {
		return 0, err
	}
	if err := validateKs(count, []int{k}); err != nil {
		return 0, err
	}
	return passHatK(n, c, k), nil
}

// passHatK is PassHatK of valid arguments. The formula is symmetric in k and the wrong samples, so the product runs over
// the smaller.
func passHatK(n, c, k int) float64 {
	more, fewer := max(k, n-c), min(k, n-c)
	if more+fewer > n {
		return 0
	}
	all := 1.0
	for i := 0; i < fewer && all > 0; i++ {
		all *= float64(n-i-more) / float64(n-i)
	}
	return all
}

// AllHatK is pass^k of one problem for all k at once: element k is [PassHatK](n, c, k), element 0 is 1. It takes O(n) time.
// It is nil where PassHatK would refuse n or c.
func AllHatK(n, c int) []float64 {
	if validate([]Count{{N: n, C: c}}) != nil {
		return nil
	}
	all := make([]float64, n+1)
	all[0] = 1
	descend(n, c, n, func(first int, hat []float64) { copy(all[first:], hat) })
	return all
}

// Hat is the mean of pass^k over problems, with intervals as o says, at each of ks in their order. What is right in every
// one of k samples is what is wrong in none of them, so the interval is 1 less that of pass@k of the wrong samples. The
// error is an *[Invalid], as that of [Curve].
func Hat(counts []Count, ks []int, o Options) ([]Point, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	wrong := make([]Count, len(counts))
	for i, c := range counts {
		c.C = c.N - c.C
		wrong[i] = c
	}
	points, err := Curve(wrong, ks, o)
	if err != nil {
		return nil, err
	}
	pass := hatMeans(group(counts), len(counts), ks)
	for i, p := range points {
		points[i] = Point{K: p.K, Pass: pass[i], Low: min(1-p.High, pass[i]), High: max(1-p.Low, pass[i])}
	}
	return points, nil
}

// hatMeans is pass^k over problems at each of ks. It is summed on its own: 1 − pass@k would lose the digits of a small one.
func hatMeans(cells []cell, problems int, ks []int) []float64 {
	pass := make([]float64, len(ks))
	if len(ks) == 0 {
		return pass
	}
	at := ascending(ks)
	for _, g := range cells {
		share := g.weight / float64(problems)
		if last := ks[at[len(at)-1]]; (g.n-g.c)*len(ks) >= last {
			next := 0
			descend(g.n, g.c, last, func(first int, hat []float64) {
				for ; next < len(at) && ks[at[next]] < first+len(hat); next++ {
					pass[at[next]] += share * hat[ks[at[next]]-first]
				}
			})
			continue
		}
		for i, k := range ks {
			pass[i] += share * passHatK(g.n, g.c, k)
		}
	}
	for i := range pass {
		pass[i] = min(pass[i], 1)
	}
	return pass
}
