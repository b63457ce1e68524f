package com.example.service.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.service.config.RedisAddress;
import com.example.service.items.Item;
import com.example.service.items.ItemIds;
import com.example.service.items.ItemNotFoundException;
import com.example.service.items.Page;
import com.example.service.items.StoreUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

class RedisItemStoreTest {
    @Test
    void everyCallSaysUnavailableWhenRedisIsAway() throws IOException {
        Item item = new Item(ItemIds.next(Instant.now()), "lamp", 1);
        try (var store = new RedisItemStore(RedisAddress.parse("redis://127.0.0.1:" + closedPort()))) {
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    store::ping,
                    () -> store.create(item),
                    () -> store.get(item.id()),
                    () -> store.list(null, 10),
                    () -> store.replace(item),
                    () -> store.delete(item.id()))) {
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
    void storedItemsAreReadWithFieldsOfOtherVersions() {
        assertThat(ItemJson.decode("{\"id\":\"1\",\"name\":\"lamp\",\"quantity\":3,\"colour\":\"red\"}"))
                .isEqualTo(new Item("1", "lamp", 3));
        assertThatThrownBy(() -> ItemJson.decode("lamp")).hasMessage("stored item is not readable");
    }

    /** Runs when TEST_REDIS_URL names a server whose items may be touched. */
    @Test
    @EnabledIfEnvironmentVariable(named = "TEST_REDIS_URL", matches = ".+")
    void againstRedis() {
        try (var store = new RedisItemStore(RedisAddress.parse(System.getenv("TEST_REDIS_URL")))) {
            Instant now = Instant.now();
            List<Item> made = IntStream.range(0, 3)
                    .mapToObj(i -> new Item(ItemIds.next(now.plusMillis(i)), "lämp", i))
                    .toList();
            made.forEach(store::create);

            Item second = made.get(1);
            assertThat(store.get(second.id())).isEqualTo(second);
            assertThat(store.list(made.get(0).id(), 1)).isEqualTo(new Page(List.of(second), second.id()));

            Item changed = new Item(second.id(), "light", 7);
            store.replace(changed);
            assertThat(store.get(second.id())).isEqualTo(changed);

            made.forEach(item -> store.delete(item.id()));
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> store.delete(second.id()), () -> store.replace(second), () -> store.get(second.id()))) {
                assertThatThrownBy(call).isInstanceOf(ItemNotFoundException.class);
            }
            store.ping();
        }
    }
}
