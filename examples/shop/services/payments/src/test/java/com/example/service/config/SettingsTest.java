package com.example.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

class SettingsTest {
    private static final Map<String, String> LEAST = Map.of("PORT", "8081", "REDIS_URL", "redis://localhost:6379");

    private static Map<String, String> with(String... pairs) {
        Map<String, String> environment = new HashMap<>(LEAST);
        for (int i = 0; i < pairs.length; i += 2) {
            environment.put(pairs[i], pairs[i + 1]);
        }
        return environment;
    }

    @Test
    void defaultsAreFilledIn() throws SettingsException {
        assertThat(Settings.from(LEAST))
                .isEqualTo(new Settings(
                        "payments",
                        "127.0.0.1",
                        8081,
                        new RedisAddress("localhost", 6379, 0, null, null, false),
                        Level.INFO,
                        Duration.ofSeconds(10),
                        Duration.ZERO));
    }

    @Test
    void whatIsSetIsTaken() throws SettingsException {
        var settings = Settings.from(Map.of(
                "PORT", "1",
                "HOST", "0.0.0.0",
                "REDIS_URL", "rediss://me:secret@db:1/2",
                "SERVICE_NAME", "other",
                "LOG_LEVEL", "debug",
                "GRACE_PERIOD", "2.5",
                "DRAIN_DELAY", "1"));
        assertThat(settings)
                .isEqualTo(new Settings(
                        "other",
                        "0.0.0.0",
                        1,
                        new RedisAddress("db", 1, 2, "me", "secret", true),
                        Level.DEBUG,
                        Duration.ofMillis(2500),
                        Duration.ofSeconds(1)));
        assertThat(settings.toString()).doesNotContain("secret");
    }

    @Test
    void everythingThatIsWrongIsNamed() {
        Map<String, String> environment =
                Map.of("PORT", "http", "LOG_LEVEL", "loud", "GRACE_PERIOD", "soon", "DRAIN_DELAY", "-1");
        assertThatThrownBy(() -> Settings.from(environment))
                .isInstanceOf(SettingsException.class)
                .hasMessage("""
                        PORT: "http" is not a port (0 to 65535)
                        REDIS_URL: is not set
                        LOG_LEVEL: "loud" is not one of debug, info, warn, error
                        GRACE_PERIOD: "soon" is not a number of seconds (0 to 3600)
                        DRAIN_DELAY: "-1" is not a number of seconds (0 to 3600)""");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "65536", "80x"})
    void portsOutOfRangeAreRefused(String port) {
        assertThatThrownBy(() -> Settings.from(with("PORT", port))).hasMessageStartingWith("PORT: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:6379", "http://localhost", "redis://", "redis://localhost/one", "redis://a b"})
    void otherAddressesOfRedisAreRefused(String url) {
        assertThatThrownBy(() -> Settings.from(with("REDIS_URL", url))).hasMessageStartingWith("REDIS_URL: ");
    }

    @Test
    void aDrainDelayThatEatsTheGracePeriodIsRefused() {
        assertThatThrownBy(() -> Settings.from(with("GRACE_PERIOD", "2", "DRAIN_DELAY", "2")))
                .hasMessage("DRAIN_DELAY: must be shorter than GRACE_PERIOD");
    }
}
