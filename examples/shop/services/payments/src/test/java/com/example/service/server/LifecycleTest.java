package com.example.service.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.embedded.tomcat.TomcatWebServer;

/** Shutdowns of a real Tomcat on a port of its own. */
@Timeout(30)
class LifecycleTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final CountDownLatch began = new CountDownLatch(1);
    private final CountDownLatch finish = new CountDownLatch(1);

    @TempDir
    private File folder;

    private TomcatWebServer server;
    private int port;

    /** Answers at once, but /slow when it is told to. */
    private final class Answer extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (request.getRequestURI().equals("/slow")) {
                began.countDown();
                try {
                    finish.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            response.getWriter().write("whole");
        }
    }

    private CompletableFuture<Boolean> drain(Lifecycle lifecycle) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return lifecycle.drain(server.getTomcat().getConnector().getProtocolHandler());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void start() {
        var factory = new TomcatServletWebServerFactory(0);
        factory.setAddress(InetAddress.getLoopbackAddress());
        factory.setBaseDirectory(folder);
        factory.setDocumentRoot(folder);
        server = (TomcatWebServer) factory.getWebServer(
                context -> context.addServlet("answer", new Answer()).addMapping("/"));
        server.start();
        port = server.getPort();
    }

    @AfterEach
    void stop() {
        finish.countDown();
        server.stop();
        server.destroy();
    }

    private CompletableFuture<String> get(String path) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        return HttpClient.newHttpClient()
                .sendAsync(request.build(), BodyHandlers.ofString())
                .thenApply(HttpResponse::body);
    }

    private static void awaitDraining(Lifecycle lifecycle) throws InterruptedException {
        while (!lifecycle.isDraining()) {
            Thread.sleep(1);
        }
    }

    @Test
    void requestsUnderWayAreFinished() throws Exception {
        start();
        var lifecycle = new Lifecycle(LONG, Duration.ZERO);
        var body = get("/slow");
        began.await();
        var drained = drain(lifecycle);
        awaitDraining(lifecycle);
        finish.countDown();
        assertThat(drained.get()).isTrue();
        assertThat(body.get()).isEqualTo("whole");
    }

    @Test
    void aRequestOnItsWayIsAnswered() throws Exception {
        start();
        var lifecycle = new Lifecycle(LONG, Duration.ZERO);
        try (var socket = connect()) {
            ask(socket);
            var drained = drain(lifecycle);
            awaitDraining(lifecycle);
            ask(socket); // on a connection that was idle when the shutdown began
            assertThat(drained.get()).isTrue();
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private void ask() throws IOException {
        try (var socket = connect()) {
            ask(socket);
        }
    }

    private static void ask(Socket socket) throws IOException {
        var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(in.readLine()).startsWith("HTTP/1.1 200");
        for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
            assertThat(line).doesNotContain("chunked"); // the body has a length
        }
        for (char expected : "whole".toCharArray()) {
            assertThat((char) in.read()).isEqualTo(expected);
        }
    }

    @Test
    void newConnectionsAreTakenDuringTheDrainDelay() throws Exception {
        start();
        var lifecycle = new Lifecycle(LONG, Duration.ofMillis(500));
        var drained = drain(lifecycle);
        awaitDraining(lifecycle);
        ask();
        assertThat(drained.get()).isTrue();
        assertThatThrownBy(this::ask).isInstanceOf(ConnectException.class);
    }

    @Test
    void requestsLongerThanTheGracePeriodAreTold() throws Exception {
        start();
        var cut = get("/slow");
        began.await();
        assertThat(drain(new Lifecycle(Duration.ofMillis(300), Duration.ZERO)).get())
                .isFalse();
        assertThat(cut).isNotDone();
    }

    @Test
    void aSilentConnectionDoesNotHoldItUp() throws Exception {
        start();
        try (var socket = connect()) {
            assertThat(drain(new Lifecycle(LONG, Duration.ZERO)).get()).isTrue();
            assertThat(socket.isConnected()).isTrue();
        }
    }
}
