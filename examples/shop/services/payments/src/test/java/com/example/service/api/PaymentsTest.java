package com.example.service.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.service.payments.Payment;
import com.example.service.payments.Payment.State;
import com.example.service.payments.PaymentIds;
import com.example.service.payments.StoreUnavailableException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class PaymentsTest extends ApiTest {
    @Test
    void createThenGet() {
        HttpResponse<String> answer = call("POST", "/items", "{\"order\":\"ördér\",\"amount\":1299}");
        assertThat(answer.statusCode()).isEqualTo(201);
        Payment made = read(answer, Payment.class);
        assertThat(PaymentIds.isValid(made.id())).isTrue();
        assertThat(made).isEqualTo(new Payment(made.id(), "ördér", 1299, State.CAPTURED));
        assertThat(answer.body()).contains("\"state\":\"captured\"");
        assertThat(header(answer, "Location")).isEqualTo("/items/" + made.id());
        assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
        assertThat(read(get("/items/" + made.id()), Payment.class)).isEqualTo(made);
    }

    @ParameterizedTest
    @CsvSource({"1,captured", "500000,captured", "500001,declined", "1000000,declined"})
    void theCardNetworkDeclinesLargeAmounts(int amount, String state) {
        HttpResponse<String> answer = call("POST", "/items", payment("a", amount));
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.body()).contains("\"state\":\"" + state + "\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {1299, 500_001})
    void anOrderIsPaidOnce(int amount) {
        Payment first = create(payment("a", amount));
        HttpResponse<String> again = call("POST", "/items", payment("a", amount));
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(read(again, Payment.class)).isEqualTo(first);
        assertThat(header(again, "Location")).isEqualTo("/items/" + first.id());
        assertThat(create(payment("b", amount)).id()).isNotEqualTo(first.id());
        assertThat(read(get("/items"), PaymentsController.PaymentList.class).items())
                .hasSize(2);
    }

    @Test
    void anotherAmountForTheSameOrderIsAConflict() {
        Payment first = create(payment("a", 1299));
        var problem = problem(call("POST", "/items", payment("a", 1300)), 409);
        assertThat(problem.path("detail").textValue()).isEqualTo("The order has a payment already, of another amount.");
        assertThat(read(get("/items"), PaymentsController.PaymentList.class).items())
                .containsExactly(first);
    }

    @Test
    void whatIsTakenIsLoggedOnce(CapturedOutput output) {
        int begin = output.getOut().length();
        Payment made = create(payment("a", 1299));
        call("POST", "/items", payment("a", 1299));
        assertThat(output.getOut().substring(begin))
                .containsOnlyOnce("\"message\":\"captured\",\"service\":\"test\",\"payment\":\"" + made.id()
                        + "\",\"order\":\"a\",\"amount\":1299");
    }

    @ParameterizedTest
    @CsvSource({
        "/shop/paid, /shop/paid/items/",
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
        HttpResponse<String> answer = call("POST", "/items", PAYMENT, "X-Forwarded-Prefix", prefix);
        assertThat(header(answer, "Location"))
                .isEqualTo(start + read(answer, Payment.class).id());
    }

    @Test
    void paymentsAreNotEdited() {
        Payment made = create(PAYMENT);
        String path = "/items/" + made.id();
        for (HttpResponse<String> answer : List.of(call("PUT", path, PAYMENT), call("DELETE", path))) {
            problem(answer, 405);
            assertThat(header(answer, "Allow")).isEqualTo("GET, HEAD");
        }
        assertThat(read(get(path), Payment.class)).isEqualTo(made);
    }

    @ParameterizedTest
    @ValueSource(strings = {UNKNOWN_ID, "1", "a%2Fb"})
    void unknownPaymentsAreNotFound(String id) {
        assertThat(problem(get("/items/" + id), 404).path("detail").textValue())
                .isEqualTo("There is no payment with this id.");
    }

    @Test
    void anEmptyListIsAnArray() {
        assertThat(get("/items").body()).isEqualTo("{\"items\":[]}");
    }

    @Test
    void pagesCoverTheListOnce() {
        for (int i = 0; i < 7; i++) {
            create(payment("order " + i, 100));
        }
        Set<String> seen = new HashSet<>();
        List<Integer> sizes = new ArrayList<>();
        for (String target = "/items?limit=3"; target != null; ) {
            var page = read(get(target), PaymentsController.PaymentList.class);
            page.items().forEach(payment -> seen.add(payment.id()));
            sizes.add(page.items().size());
            target = page.nextCursor() == null ? null : "/items?limit=3&cursor=" + page.nextCursor();
        }
        assertThat(seen).hasSize(7);
        assertThat(sizes).containsExactly(3, 3, 1);
    }

    @Test
    void theLastFullPageHasNoCursor() {
        create(PAYMENT);
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
    void everyRouteOfPaymentsSaysUnavailable() {
        store.failWith(new StoreUnavailableException(new IllegalStateException("connection refused")));
        for (HttpResponse<String> answer :
                List.of(get("/items"), call("POST", "/items", PAYMENT), get("/items/" + UNKNOWN_ID))) {
            // The inner error is not told to the client.
            assertThat(problem(answer, 503).path("detail").textValue()).doesNotContain("refused");
            assertThat(header(answer, "Retry-After")).isEqualTo("1");
        }
    }

    @Test
    void otherFailuresOfTheStoreAreOurs() {
        store.failWith(new IllegalStateException("stored payment is not readable"));
        assertThat(problem(get("/items"), 500).path("detail").textValue()).doesNotContain("readable");
    }
}
