package com.example.service.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.service.items.Item;
import com.example.service.items.ItemIds;
import com.example.service.items.StoreUnavailableException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ItemsTest extends ApiTest {
    @Test
    void createThenGet() {
        HttpResponse<String> answer = call("POST", "/items", "{\"name\":\"lämp\",\"quantity\":3}");
        assertThat(answer.statusCode()).isEqualTo(201);
        Item made = read(answer, Item.class);
        assertThat(ItemIds.isValid(made.id())).isTrue();
        assertThat(made).isEqualTo(new Item(made.id(), "lämp", 3));
        assertThat(header(answer, "Location")).isEqualTo("/items/" + made.id());
        assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
        assertThat(read(get("/items/" + made.id()), Item.class)).isEqualTo(made);
    }

    @ParameterizedTest
    @CsvSource({
        "/shop/lamps, /shop/lamps/items/",
        "/shop/, /shop/items/",
        "/, /items/",
        "//evil.example, /items/",
        "https://evil.example, /items/",
        "/a/../b, /items/",
        "shop, /items/",
        "/a?b, /items/",
        "'', /items/"
    })
    void theLocationHasThePublicPrefix(String prefix, String start) {
        HttpResponse<String> answer = call("POST", "/items", LAMP, "X-Forwarded-Prefix", prefix);
        assertThat(header(answer, "Location"))
                .isEqualTo(start + read(answer, Item.class).id());
    }

    @Test
    void replace() {
        Item made = create(LAMP);
        Item wanted = new Item(made.id(), "light", 4);
        HttpResponse<String> answer = call("PUT", "/items/" + made.id(), "{\"name\":\"light\",\"quantity\":4}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(read(answer, Item.class)).isEqualTo(wanted);
        assertThat(read(get("/items/" + made.id()), Item.class)).isEqualTo(wanted);
        problem(call("PUT", "/items/" + made.id(), "{\"name\":\"\"}"), 422);
    }

    @Test
    void delete() {
        String path = "/items/" + create(LAMP).id();
        HttpResponse<String> answer = call("DELETE", path);
        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        problem(get(path), 404);
        problem(call("DELETE", path), 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {UNKNOWN_ID, "1", "a%2Fb"})
    void unknownItemsAreNotFound(String id) {
        for (HttpResponse<String> answer :
                List.of(get("/items/" + id), call("PUT", "/items/" + id, LAMP), call("DELETE", "/items/" + id))) {
            assertThat(problem(answer, 404).path("detail").textValue()).isEqualTo("There is no item with this id.");
        }
    }

    @Test
    void anEmptyListIsAnArray() {
        assertThat(get("/items").body()).isEqualTo("{\"items\":[]}");
    }

    @Test
    void pagesCoverTheListOnce() {
        for (int i = 0; i < 7; i++) {
            create("{\"name\":\"lamp %d\",\"quantity\":%d}".formatted(i, i));
        }
        Set<String> seen = new HashSet<>();
        List<Integer> sizes = new ArrayList<>();
        for (String target = "/items?limit=3"; target != null; ) {
            var page = read(get(target), ItemsController.ItemList.class);
            page.items().forEach(item -> seen.add(item.id()));
            sizes.add(page.items().size());
            target = page.nextCursor() == null ? null : "/items?limit=3&cursor=" + page.nextCursor();
        }
        assertThat(seen).hasSize(7);
        assertThat(sizes).containsExactly(3, 3, 1);
    }

    @Test
    void theLastFullPageHasNoCursor() {
        create(LAMP);
        assertThat(get("/items?limit=1").body()).doesNotContain("nextCursor");
    }

    @ParameterizedTest
    @CsvSource({"limit=0,limit", "limit=101,limit", "limit=x,limit", "limit=,limit", "cursor=x,cursor"})
    void wrongPagesAreUnprocessable(String query, String parameter) {
        var errors = problem(get("/items?" + query), 422).path("errors");
        assertThat(errors).hasSize(1);
        assertThat(errors.get(0).path("parameter").textValue()).isEqualTo(parameter);
    }

    @Test
    void everyRouteOfItemsSaysUnavailable() {
        store.failWith(new StoreUnavailableException(new IllegalStateException("connection refused")));
        String path = "/items/" + UNKNOWN_ID;
        for (HttpResponse<String> answer : List.of(
                get("/items"),
                call("POST", "/items", LAMP),
                get(path),
                call("PUT", path, LAMP),
                call("DELETE", path))) {
            // The inner error is not told to the client.
            assertThat(problem(answer, 503).path("detail").textValue()).doesNotContain("refused");
            assertThat(header(answer, "Retry-After")).isEqualTo("1");
        }
    }

    @Test
    void otherFailuresOfTheStoreAreOurs() {
        store.failWith(new IllegalStateException("stored item is not readable"));
        assertThat(problem(get("/items"), 500).path("detail").textValue()).doesNotContain("readable");
    }
}
