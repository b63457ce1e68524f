package com.example.service.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.service.config.RedisAddress;
import com.example.service.payments.Page;
import com.example.service.payments.Payment;
import com.example.service.payments.Payment.State;
import com.example.service.payments.PaymentIds;
import com.example.service.payments.PaymentNotFoundException;
import com.example.service.payments.StoreUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

class RedisPaymentStoreTest {
    @Test
    void everyCallSaysUnavailableWhenRedisIsAway() throws IOException {
        Payment payment = new Payment(PaymentIds.next(Instant.now()), "a", 1, State.CAPTURED);
        try (var store = new RedisPaymentStore(RedisAddress.parse("redis://127.0.0.1:" + closedPort()))) {
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    store::ping,
                    () -> store.createOnce(payment),
                    () -> store.get(payment.id()),
                    () -> store.list(null, 10))) {
                assertThatThrownBy(call).isInstanceOf(StoreUnavailableException.class);
            }
        }
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void storedPaymentsAreReadWithFieldsOfOtherVersions() {
        String stored = "{\"id\":\"1\",\"order\":\"a\",\"amount\":3,\"state\":\"declined\",\"card\":\"1234\"}";
        Payment payment = new Payment("1", "a", 3, State.DECLINED);
        assertThat(PaymentJson.decode(stored)).isEqualTo(payment);
        assertThat(PaymentJson.encode(payment))
                .isEqualTo("{\"id\":\"1\",\"order\":\"a\",\"amount\":3,\"state\":\"declined\"}");
        assertThatThrownBy(() -> PaymentJson.decode("lamp")).hasMessage("stored payment is not readable");
    }

    private static Payment payment(Instant at, String order) {
        return new Payment(PaymentIds.next(at), order, 1299, State.CAPTURED);
    }

    /** Runs when TEST_REDIS_URL names a server that may be written to. What it makes stays there. */
    @Test
    @EnabledIfEnvironmentVariable(named = "TEST_REDIS_URL", matches = ".+")
    void againstRedis() {
        try (var store = new RedisPaymentStore(RedisAddress.parse(System.getenv("TEST_REDIS_URL")))) {
            Instant now = Instant.now();
            List<Payment> made = IntStream.range(0, 3)
                    .mapToObj(i -> payment(now.plusMillis(i), "ördér " + now + i))
                    .toList();
            made.forEach(payment -> assertThat(store.createOnce(payment)).isEqualTo(payment));

            Payment second = made.get(1);
            assertThat(store.get(second.id())).isEqualTo(second);
            assertThat(store.list(made.get(0).id(), 1)).isEqualTo(new Page(List.of(second), second.id()));
            assertThat(store.list(made.get(0).id(), 2)).isEqualTo(new Page(made.subList(1, 3), null));

            Payment late = new Payment(PaymentIds.next(now), second.order(), 7, State.CAPTURED);
            assertThat(store.createOnce(late)).isEqualTo(second);
            assertThatThrownBy(() -> store.get(late.id())).isInstanceOf(PaymentNotFoundException.class);
            store.ping();
        }
    }

    @Test
    @EnabledIfEnvironmentVariable(named = "TEST_REDIS_URL", matches = ".+")
    void ofManyAtTheSameTimeOneIsFirst() {
        try (var store = new RedisPaymentStore(RedisAddress.parse(System.getenv("TEST_REDIS_URL")))) {
            Instant now = Instant.now();
            assertThat(IntStream.range(0, 20)
                            .parallel()
                            .mapToObj(i -> payment(now, "at once " + now))
                            .map(store::createOnce)
                            .distinct())
                    .hasSize(1);
        }
    }
}
