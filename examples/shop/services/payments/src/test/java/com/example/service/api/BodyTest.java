package com.example.service.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What bodies of POST are taken. In the tables a ' stands for the " of JSON. */
class BodyTest extends ApiTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|/order /amount",
                "[]|``",
                "null|``",
                "'a'|``",
                "{'order':'','amount':1}|/order",
                "{'order':null,'amount':1}|/order",
                "{'order':7,'amount':1}|/order",
                "{'order':'a','amount':0}|/amount",
                "{'order':'a','amount':1000001}|/amount",
                "{'order':'a','amount':1e400}|/amount",
                "{'order':'a','amount':1.5}|/amount",
                "{'order':'a','amount':'1'}|/amount",
                "{'order':'a','amount':true}|/amount",
                "{'order':'a','amount':null}|/amount",
                "{'order':'a','amount':1,'a/b':2}|/a~1b",
                "{'Order':'a','amount':1}|/order /Order",
                "{'order':'a','amount':1,'id':'','state':'captured'}|/id /state"
            })
    void wrongValuesAreUnprocessable(String body, String pointers) {
        assertThat(pointersOf(body.replace('\'', '"'))).isEqualTo(pointers);
    }

    @Test
    void ordersThatAreTooLongAreUnprocessable() {
        assertThat(pointersOf("{\"order\":\"" + "é".repeat(65) + "\",\"amount\":1}"))
                .isEqualTo("/order");
    }

    private String pointersOf(String body) {
        JsonNode errors = problem(call("POST", "/items", body), 422).path("errors");
        assertThat(errors).isNotEmpty();
        List<String> pointers = new ArrayList<>();
        errors.forEach(error -> pointers.add(error.path("pointer").asText()));
        return String.join(" ", pointers);
    }

    @Test
    void valuesAtTheirLimitsAreTaken() {
        create("{\"order\":\"" + "😀".repeat(64) + "\",\"amount\":1000000}");
        assertThat(create("{\"order\":\"x\",\"amount\":2.0}").amount()).isEqualTo(2);
        create(" \r\n{\"order\":\"y\",\t\"amount\":1} ");
    }

    @Test
    void halfASurrogatePairBecomesTheReplacementCharacter() {
        assertThat(create("{\"order\":\"\\ud800\",\"amount\":1}").order()).isEqualTo("\uFFFD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{'order':'a','amount':1}}",
                "{'order':a}",
                "{'order':'\u00ff','amount':1}", // one byte in Latin-1, which is not UTF-8
                "\u00ef\u00bb\u00bf{'order':'a','amount':1}", // with a byte order mark
                "{'order':'a','amount':NaN}",
                "{'order':'a','amount':01}"
            })
    void malformedBodiesAreRefused(String body) {
        byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.ISO_8859_1);
        problem(call("POST", "/items", bytes), 400);
    }

    @Test
    void largeBodiesAreRefused() {
        String most = PAYMENT + " ".repeat(JsonBody.MAX_BYTES - PAYMENT.length());
        create(most);
        var problem = problem(call("POST", "/items", most + " "), 413);
        assertThat(problem.path("title").textValue()).isEqualTo("Request Entity Too Large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text/plain", "application/xml", "application/jsonx", "application/"})
    void otherMediaTypesAreRefused(String type) {
        problem(call("POST", "/items", PAYMENT, "Content-Type", type), 415);
    }

    @Test
    void parametersOfTheMediaTypeDoNotMatter() {
        assertThat(call("POST", "/items", PAYMENT, "Content-Type", "Application/JSON; charset=utf-8")
                        .statusCode())
                .isEqualTo(201);
    }
}
