package config

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestLoadFillsInDefaults(t *testing.T) {
	cfg, err := Load(env(map[string]string{"PORT": "8081", "REDIS_URL": "redis://localhost:6379"}))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Address() != "127.0.0.1:8081" {
		t.Errorf("address = %s", cfg.Address())
	}
	if cfg.GracePeriod != 10*time.Second || cfg.DrainDelay != 0 || cfg.LogLevel != slog.LevelInfo {
		t.Errorf("defaults = %+v", cfg)
	}
}

func TestLoadTakesWhatIsSet(t *testing.T) {
	cfg, err := Load(env(map[string]string{
		"PORT": "1", "HOST": "0.0.0.0", "REDIS_URL": "redis://db:1/2", "SERVICE_NAME": "other",
		"LOG_LEVEL": "debug", "GRACE_PERIOD": "2.5", "DRAIN_DELAY": "1",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		ServiceName: "other", Host: "0.0.0.0", Port: 1, RedisURL: "redis://db:1/2", LogLevel: slog.LevelDebug,
		GracePeriod: 2500 * time.Millisecond, DrainDelay: time.Second,
	}
	if cfg != want {
		t.Errorf("got %+v, want %+v", cfg, want)
	}
}

func TestLoadNamesEverythingThatIsWrong(t *testing.T) {
	_, err := Load(env(map[string]string{
		"PORT": "http", "LOG_LEVEL": "loud", "GRACE_PERIOD": "soon", "DRAIN_DELAY": "-1",
	}))
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"PORT", "REDIS_URL", "LOG_LEVEL", "GRACE_PERIOD", "DRAIN_DELAY"} {
		if !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestLoadRefusesPortsOutOfRange(t *testing.T) {
	for _, port := range []string{"", "-1", "65536", "80x"} {
		if _, err := Load(env(map[string]string{"PORT": port, "REDIS_URL": "redis://db"})); err == nil {
			t.Errorf("PORT=%q was taken", port)
		}
	}
}

func TestLoadRefusesADrainDelayThatEatsTheGracePeriod(t *testing.T) {
	_, err := Load(env(map[string]string{
		"PORT": "1", "REDIS_URL": "redis://db", "GRACE_PERIOD": "2", "DRAIN_DELAY": "2",
	}))
	if err == nil {
		t.Error("DRAIN_DELAY=2 was taken with GRACE_PERIOD=2")
	}
}
