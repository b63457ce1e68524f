package com.example.service.config;

import java.time.Duration;
import java.util.Map;
import org.slf4j.event.Level;

/**
 * Everything that the environment decides, read once, at the start.
 *
 * @param gracePeriod the time from SIGTERM to the end of the process, at most
 * @param drainDelay how long new connections are still taken after SIGTERM, so that a load balancer can notice that the
 *     service is no longer ready
 */
public record Settings(
        String serviceName,
        String host,
        int port,
        RedisAddress redis,
        Level logLevel,
        Duration gracePeriod,
        Duration drainDelay) {

    /**
     * Reads the settings.
     *
     * @throws SettingsException names every setting that is missing or wrong, not only the first
     */
    public static Settings from(Map<String, String> environment) throws SettingsException {
        var reader = new SettingsReader(environment);
        var settings = new Settings(
                reader.optional("SERVICE_NAME", "payments"),
                reader.optional("HOST", "127.0.0.1"),
                reader.port("PORT"),
                reader.redis("REDIS_URL"),
                reader.level("LOG_LEVEL"),
                reader.seconds("GRACE_PERIOD", Duration.ofSeconds(10)),
                reader.seconds("DRAIN_DELAY", Duration.ZERO));
        if (!settings.drainDelay.isZero() && settings.drainDelay.compareTo(settings.gracePeriod) >= 0) {
            reader.fail("DRAIN_DELAY", "must be shorter than GRACE_PERIOD");
        }
        reader.throwIfAnythingIsWrong();
        return settings;
    }
}
