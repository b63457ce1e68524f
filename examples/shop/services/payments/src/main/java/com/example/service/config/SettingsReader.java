package com.example.service.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.event.Level;

/** Takes values out of the environment and collects what is wrong with them. */
final class SettingsReader {
    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    SettingsReader(Map<String, String> environment) {
        this.environment = environment;
    }

    void fail(String name, String problem) {
        problems.add(name + ": " + problem);
    }

    void throwIfAnythingIsWrong() throws SettingsException {
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    /** Set to nothing counts as not set. */
    String optional(String name, String fallback) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? fallback : value;
    }

    private String required(String name) {
        String value = optional(name, "");
        if (value.isEmpty()) {
            fail(name, "is not set");
        }
        return value;
    }

    int port(String name) {
        String value = required(name);
        // 0 asks the kernel for a free port; the log line at the start tells which.
        if (value.matches("[0-9]{1,5}") && Integer.parseInt(value) <= 65535) {
            return Integer.parseInt(value);
        }
        if (!value.isEmpty()) {
            fail(name, "\"" + value + "\" is not a port (0 to 65535)");
        }
        return 0;
    }

    RedisAddress redis(String name) {
        String value = required(name);
        if (value.isEmpty()) {
            return null;
        }
        try {
            return RedisAddress.parse(value);
        } catch (IllegalArgumentException e) {
            fail(name, e.getMessage());
            return null;
        }
    }

    Duration seconds(String name, Duration fallback) {
        String value = optional(name, "");
        if (value.isEmpty()) {
            return fallback;
        }
        if (value.matches("[0-9]{1,4}(\\.[0-9]{1,9})?") && Double.parseDouble(value) <= 3600) {
            return Duration.ofNanos(Math.round(Double.parseDouble(value) * 1e9));
        }
        fail(name, "\"" + value + "\" is not a number of seconds (0 to 3600)");
        return fallback;
    }

    Level level(String name) {
        String value = optional(name, "info");
        return switch (value) {
            case "debug" -> Level.DEBUG;
            case "info" -> Level.INFO;
            case "warn" -> Level.WARN;
            case "error" -> Level.ERROR;
            default -> {
                fail(name, "\"" + value + "\" is not one of debug, info, warn, error");
                yield Level.INFO;
            }
        };
    }
}
