package com.example.service.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SampleNeedClientTest {
    private static final String VARIABLE = "SAMPLE_NEED_URL";

    private static SampleNeedClient client(Map<String, String> environment) {
        return new SampleNeedClient(environment);
    }

    @Test
    void itemsAreRead() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean known = exchange.getRequestURI().getRawPath().equals("/items/a%2Fb");
            byte[] body = "{\"id\":\"a/b\",\"name\":\"lamp\",\"quantity\":3}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort();
            var need = client(Map.of(VARIABLE, url));
            assertThat(need.item("a/b")).hasToString("Item[id=a/b, name=lamp, quantity=3]");
            assertThatThrownBy(() -> need.item("unknown"))
                    .isInstanceOfSatisfying(
                            StatusException.class, e -> assertThat(e.status()).isEqualTo(404));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void theVariableThatIsMissingIsNamed() {
        assertThatThrownBy(() -> client(Map.of())).hasMessage(VARIABLE + ": is not set");
    }
}
