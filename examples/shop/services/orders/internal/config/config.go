// Package config reads the service's settings from its environment, once, at the start.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"
)

// Config is everything that the environment decides.
type Config struct {
	ServiceName string
	Host        string
	Port        int
	RedisURL    string
	LogLevel    slog.Level
	// GracePeriod is the time from SIGTERM to the end of the process, at most.
	GracePeriod time.Duration
	// DrainDelay is how long new connections are still taken after SIGTERM, so that a load
	// balancer can notice that the service is no longer ready.
	DrainDelay time.Duration
}

// Address is where to listen, as host:port.
func (c Config) Address() string {
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
}

// Load reads the settings. Its error names every setting that is missing or wrong, not only the first.
func Load(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	cfg := Config{
		ServiceName: r.optional("SERVICE_NAME", "orders"),
		Host:        r.optional("HOST", "127.0.0.1"),
		Port:        r.port("PORT"),
		RedisURL:    r.required("REDIS_URL"),
		LogLevel:    r.level("LOG_LEVEL"),
		GracePeriod: r.seconds("GRACE_PERIOD", 10*time.Second),
		DrainDelay:  r.seconds("DRAIN_DELAY", 0),
	}
	if cfg.DrainDelay > 0 && cfg.DrainDelay >= cfg.GracePeriod {
		r.fail("DRAIN_DELAY", "must be shorter than GRACE_PERIOD")
	}
	return cfg, errors.Join(r.errs...)
}

type reader struct {
	getenv func(string) string
	errs   []error
}

func (r *reader) fail(name, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
}

func (r *reader) optional(name, fallback string) string {
	if value := r.getenv(name); value != "" {
		return value
	}
	return fallback
}

func (r *reader) required(name string) string {
	value := r.getenv(name)
	if value == "" {
		r.fail(name, "is not set")
	}
	return value
}

func (r *reader) port(name string) int {
	value := r.required(name)
	if value == "" {
		return 0
	}
	port, err := strconv.Atoi(value)
	// 0 asks the kernel for a free port; the log line at the start tells which.
	if err != nil || port < 0 || port > 65535 {
		r.fail(name, "%q is not a port (0 to 65535)", value)
	}
	return port
}

func (r *reader) seconds(name string, fallback time.Duration) time.Duration {
	value := r.getenv(name)
	if value == "" {
		return fallback
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds >= 0 && seconds <= 3600) {
		r.fail(name, "%q is not a number of seconds (0 to 3600)", value)
		return fallback
	}
	return time.Duration(seconds * float64(time.Second))
}

func (r *reader) level(name string) slog.Level {
	switch value := r.optional(name, "info"); value {
	case "debug":
		return slog.LevelDebug
	case "info":
		return slog.LevelInfo
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		r.fail(name, "%q is not one of debug, info, warn, error", value)
		return slog.LevelInfo
	}
}
