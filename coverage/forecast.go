package coverage

// Forecast is what pass@k is expected to be at k beyond the samples that were drawn.
type Forecast struct {
	From   int     `json:"from" doc:"samples of each problem that it is made from"`
	Model  string  `json:"model,omitempty" doc:"the model whose points these are; empty where no forecast is justified"`
	Doubt  string  `json:"doubt,omitempty" doc:"why no forecast is justified, or what to be careful about"`
	Points []Point `json:"points" doc:"pass@k with its interval, of the winner; empty where no forecast is justified"`

	Models []Forecaster `json:"models,omitempty" doc:"all that were tried, best first"`
}

// Forecaster is one model of how success rates are spread, and how well it did when it had to forecast samples that were
// held back.
type Forecaster struct {
	Model      string             `json:"model" doc:"power_law, beta, scaled_beta, kumaraswamy, …"`
	Parameters map[string]float64 `json:"parameters"`
	Score      float64            `json:"score" doc:"mean score on held-back k, a proper scoring rule: lower is better"`
	RMSE       float64            `json:"rmse" doc:"root mean square error of pass@k on held-back k"`
	Points     []Point            `json:"points,omitempty"`
}
