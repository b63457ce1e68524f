package com.example.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The process as a whole: settings in, exit code out. */
@Timeout(120)
class ApplicationTest {
    private static final Map<String, String> SETTINGS = Map.of("PORT", "0", "REDIS_URL", "redis://127.0.0.1:1");

    private Process process;

    private void start(Map<String, String> settings) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        var builder = new ProcessBuilder(java, "@jvm.options", "-cp", classes, Application.class.getName());
        builder.environment().clear();
        builder.environment().putAll(settings);
        process = builder.start();
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    private static String text(BufferedReader reader) {
        return String.join("\n", reader.lines().toList());
    }

    @Test
    void aSignalEndsItWithZero() throws Exception {
        start(SETTINGS);
        try (var log = process.inputReader()) {
            assertThat(log.readLine()).contains("\"message\":\"listening\"").contains("\"address\":\"127.0.0.1:");
            process.toHandle().destroy(); // SIGTERM
            assertThat(text(log)).contains("\"shutting down\"").contains("\"stopped\"");
        }
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void wrongSettingsAreNamedAndEndItWith64() throws Exception {
        start(Map.of("PORT", "http"));
        assertThat(text(process.errorReader()))
                .isEqualTo("PORT: \"http\" is not a port (0 to 65535)\nREDIS_URL: is not set");
        assertThat(text(process.inputReader())).isEmpty();
        assertThat(process.waitFor()).isEqualTo(64);
    }

    @Test
    void aPortThatIsTakenIsOneLineOfTheLog() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> settings = new HashMap<>(SETTINGS);
            settings.put("PORT", Integer.toString(taken.getLocalPort()));
            start(settings);
            assertThat(process.inputReader().lines().toList())
                    .singleElement()
                    .asString()
                    .contains("\"message\":\"server failed\"")
                    .contains("\"error\":\"java.net.BindException: Address already in use");
            assertThat(process.waitFor()).isEqualTo(1);
        }
    }
}
