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

/** What bodies of POST and PUT are taken. In the tables a ' stands for the " of JSON. */
class BodyTest extends ApiTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|/name /quantity",
                "[]|``",
                "null|``",
                "'lamp'|``",
                "{'name':'','quantity':1}|/name",
                "{'name':null,'quantity':1}|/name",
                "{'name':7,'quantity':1}|/name",
                "{'name':'lamp','quantity':-1}|/quantity",
                "{'name':'lamp','quantity':1000001}|/quantity",
                "{'name':'lamp','quantity':1e400}|/quantity",
                "{'name':'lamp','quantity':1.5}|/quantity",
                "{'name':'lamp','quantity':'1'}|/quantity",
                "{'name':'lamp','quantity':true}|/quantity",
                "{'name':'lamp','quantity':null}|/quantity",
                "{'name':'lamp','quantity':1,'a/b':2}|/a~1b",
                "{'Name':'lamp','quantity':1}|/name /Name",
                "{'name':'lamp','quantity':1,'id':''}|/id"
            })
    void wrongValuesAreUnprocessable(String body, String pointers) {
        assertThat(pointersOf(body.replace('\'', '"'))).isEqualTo(pointers);
    }

    @Test
    void namesThatAreTooLongAreUnprocessable() {
        assertThat(pointersOf("{\"name\":\"" + "é".repeat(101) + "\",\"quantity\":1}"))
                .isEqualTo("/name");
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
        create("{\"name\":\"" + "😀".repeat(100) + "\",\"quantity\":1000000}");
        assertThat(create("{\"name\":\"x\",\"quantity\":2.0}").quantity()).isEqualTo(2);
        create(" \r\n{\"name\":\"x\",\t\"quantity\":0} ");
    }

    @Test
    void halfASurrogatePairBecomesTheReplacementCharacter() {
        assertThat(create("{\"name\":\"\\ud800\",\"quantity\":0}").name()).isEqualTo("\uFFFD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{'name':'lamp','quantity':1}}",
                "{'name':lamp}",
                "{'name':'\u00ff','quantity':1}", // one byte in Latin-1, which is not UTF-8
                "\u00ef\u00bb\u00bf{'name':'lamp','quantity':1}", // with a byte order mark
                "{'name':'lamp','quantity':NaN}",
                "{'name':'lamp','quantity':01}"
            })
    void malformedBodiesAreRefused(String body) {
        byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.ISO_8859_1);
        problem(call("POST", "/items", bytes), 400);
    }

    @Test
    void largeBodiesAreRefused() {
        String most = LAMP + " ".repeat(JsonBody.MAX_BYTES - LAMP.length());
        create(most);
        var problem = problem(call("POST", "/items", most + " "), 413);
        assertThat(problem.path("title").textValue()).isEqualTo("Request Entity Too Large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text/plain", "application/xml", "application/jsonx", "application/"})
    void otherMediaTypesAreRefused(String type) {
        problem(call("POST", "/items", LAMP, "Content-Type", type), 415);
    }

    @Test
    void parametersOfTheMediaTypeDoNotMatter() {
        assertThat(call("POST", "/items", LAMP, "Content-Type", "Application/JSON; charset=utf-8")
                        .statusCode())
                .isEqualTo(201);
    }
}
