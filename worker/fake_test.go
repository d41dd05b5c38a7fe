package worker

func fake(how string, c ServeConfig) {}
