package api

import (
	"context"
	"net/http"
	"time"
)

const readinessTimeout = 500 * time.Millisecond

type health struct {
	Status string `json:"status"`
	// Failed names the check that failed.
	Failed string `json:"failed,omitempty"`
}

// live says that the process serves. It asks nobody else: a restart does not bring Redis back.
func (a *api) live(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, health{Status: "live"})
}

// ready says whether requests should be sent here.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	if a.Draining() {
		writeJSON(w, http.StatusServiceUnavailable, health{Status: "unready", Failed: "shutdown"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readinessTimeout)
	defer cancel()
	if err := a.Store.Ping(ctx); err != nil {
		a.Log.DebugContext(r.Context(), "redis does not answer", "error", err.Error())
		writeJSON(w, http.StatusServiceUnavailable, health{Status: "unready", Failed: "redis"})
		return
	}
	writeJSON(w, http.StatusOK, health{Status: "ready"})
}
